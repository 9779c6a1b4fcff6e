"""What an audit found, for people and for programs."""

from __future__ import annotations

import json
from dataclasses import dataclass

from stimme.cli.output import moment, number, plain, shortened, table
from stimme.cli.trust import FROM_LOG
from stimme.engines.translog import CHOICES, Report, split_note


@dataclass(frozen=True, slots=True)
class Findings:
    report: Report
    vkey: str
    key_from: str
    demands: dict[str, str]

    def as_json(self) -> dict[str, object]:
        key = {"vkey": self.vkey, "from": self.key_from}
        return json.loads(self.report.to_json()) | {"key": key, "demands": self.demands}


def print_json(content: dict[str, object]) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False)
    # A policy may name a witness with bytes that are no UTF-8; JSON has an escape for them.
    print(text.encode(errors="backslashreplace").decode())


def print_report(found: Findings) -> None:
    """Print the causes, the tallies by level, the notes and the alarms."""
    report = found.report
    print(f"{plain(report.origin)}: {number(report.size)} entries")
    print(f"Key: {plain(found.vkey)}")
    if found.key_from == FROM_LOG:
        print("     It came from the log itself: compare it with the key you know from elsewhere.")
    for part in (_witnesses(report), _causes(found), _levels(report)):
        if part:
            print(f"\n{part}")
    print()
    for note in report.notes:
        print(f"Note: {plain(note)}")
    for alarm in report.alarms:
        print(f"Alarm: {plain(alarm.sentence)}")
    if report.ok:
        print("No alarms.")


def _witnesses(report: Report) -> str:
    if report.witnessed is None:
        return _not_checked(report.checkpoint)
    rows = [(name, _when(time)) for name, time in report.witnessed.times.items()]
    reached = "reached" if report.witnessed.reached else "not reached"
    head = f"Quorum {plain(report.witnessed.quorum)}: {reached}"
    return f"{head}\n{table(['witness', 'cosigned'], rows)}" if rows else head


def _not_checked(checkpoint: str) -> str:
    others = len(split_note(checkpoint)[1]) - 1 if checkpoint else 0
    if not others:
        return ""
    return f"Other signatures, not checked: {number(others)}. Say with --policy whom you trust."


def _when(time: int | None) -> str:
    return moment(time) if time is not None else "no"


def _causes(found: Findings) -> str:
    header = ["cause", "for", "against", "withdrawn", "annulled", "custodial", "state", "demand"]
    rows: list[tuple[str | int, ...]] = [
        (
            one.cid,
            one.votes_for,
            one.votes_against,
            one.withdrawn,
            one.annulled,
            one.custodial,
            "closed" if one.closed else "open" if one.opened else "never opened",
            shortened(found.demands.get(one.cid, "")),
        )
        for one in found.report.causes.values()
    ]
    return table(header, rows) if rows else ""


def _levels(report: Report) -> str:
    """Seats that count by cause, choice and level."""
    levels = sorted({level for _, _, level in report.tallies})
    counted = sorted(
        {(cid, choice) for cid, choice, _ in report.tallies},
        key=lambda pair: (pair[0], CHOICES.index(pair[1])),
    )
    rows: list[tuple[str | int, ...]] = [
        (cid, choice, *(report.tallies.get((cid, choice, level), 0) for level in levels))
        for cid, choice in counted
    ]
    return table(["cause", "choice", *(f"level {level}" for level in levels)], rows) if rows else ""
