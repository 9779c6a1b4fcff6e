"""What `stimme import` says at its end: the rows, the rejected ones, and the audited count."""

import csv
import sys
import time
from collections import defaultdict
from pathlib import Path

from stimme.apps.ballot import publisher
from stimme.apps.ballot.log_keys import log_signer
from stimme.apps.ballot.sealer import SealingRefused, seal
from stimme.apps.causes.importing.report import Report
from stimme.cli.output import number, plain, shortened, table
from stimme.engines.translog import audit

_LINES_SHOWN = 5


def print_report(report: Report, name: str) -> None:
    """Print one line for each kind of row, and for each reason to reject one."""
    counts = {
        "new causes": report.causes_made,
        "votes": report.votes,
        "changes": report.changes,
        "withdrawals": report.withdrawals,
        "same choice again": report.repeated,
        "passes without a vote": report.passes,
        "stored by an earlier import": report.earlier,
        "rejected": len(report.rejected),
    }
    rows = [(what, count) for what, count in counts.items() if count]
    print(table([f"rows in {name}", number(report.rows)], rows))
    print_reasons(report)


def print_reasons(report: Report) -> None:
    """Print why rows were rejected, with the first lines of each reason."""
    lines = defaultdict(list)
    for one in report.rejected:
        lines[one.file, one.reason].append(one.line)
    for (file, reason), found in lines.items():
        shown = ", ".join(map(str, found[:_LINES_SHOWN]))
        more = ", …" if len(found) > _LINES_SHOWN else ""
        print(f"Rejected in {file}, because {plain(reason)}: {number(len(found))}", end=" ")
        print(f"(line {shown}{more})")


def write_rejects(report: Report, path: Path) -> None:
    """Write every rejected row to a CSV file: file, line, reason, and how the row begins."""
    rows = [(one.file, one.line, one.reason, one.text) for one in report.rejected]
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("file", "line", "reason", "row"), *rows])
    except OSError as error:
        print(f"stimme: The rejected rows could not be written: {error}.", file=sys.stderr)
    else:
        print(f"All rejected rows are in {path}.")


def seal_and_audit(report: Report) -> int:
    """Seal all that is pending, recount the published log, and print what it says. 1: alarm."""
    try:
        sealed = seal(everything=True)
    except SealingRefused as error:
        print(f"stimme: {error}", file=sys.stderr)
        return 1
    print(f"Sealed {number(sealed.lines)} lines; the log now holds {number(sealed.size)}.")
    signer = log_signer()
    found = audit(publisher.read, signer.verifier, signer.name, now=int(time.time()))
    counted = [(found.causes[cid], ask) for cid, ask in report.causes.items() if found.causes]
    rows = [
        (one.cid, one.votes_for, one.votes_against, one.withdrawn, shortened(ask))
        for one, ask in counted
    ]
    print("\nRecounted from the published log alone:")
    print(table(["cause", "for", "against", "withdrawn", "demand"], rows))
    for alarm in found.alarms:
        print(f"Alarm: {plain(alarm.sentence)}")
    print("" if found.alarms else "No alarms.")
    return 0 if found.ok else 1
