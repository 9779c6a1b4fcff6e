"""Sealing many pending lines, auditing them, and the proof of one vote.

./dev bench sealing [--votes 1000000] [--causes 100]
"""

import argparse
import json
import resource
import sys
import time

from kit.instance import Instance, instance
from kit.report import Row, at_most, busy, finish, holds
from kit.statistics import median

PORT = 8120


def main() -> int:
    options = _options()
    voters, load = options.votes // options.causes, busy()
    with instance(PORT, accounts=voters) as made:
        cids = made.do(lambda inside: inside.open_boxes(options.causes))
        made.do(lambda inside: inside.fill(cids, voters))
        rows, facts = _seal_and_audit(made)
        receipts = made.do(lambda inside: inside.receipt_seconds(options.receipts))
    receipt = 1000 * median(receipts)
    facts |= {"receipt_ms": receipt, "load_before": load}
    rows.append(at_most("one receipt, median", receipt, 10, " ms"))
    return finish("sealing", rows, facts)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure sealing, audit and receipts.")
    parser.add_argument("--votes", type=int, default=1_000_000, help="pending lines (%(default)s)")
    parser.add_argument("--causes", type=int, default=100, help="they are on (%(default)s)")
    parser.add_argument("--receipts", type=int, default=200, help="made afterwards (%(default)s)")
    return parser.parse_args()


def _seal_and_audit(made: Instance) -> tuple[list[Row], dict[str, float | None]]:
    """The bars are those of a million lines."""
    pending = made.do(lambda inside: inside.pending_lines())
    print(f"{pending:,} lines are pending", flush=True)
    seal_cpu, seal_wall, _ = _timed(made, "seal")
    audit_cpu, audit_wall, told = _timed(made, "audit", str(made.home), "--json")
    report = json.loads(told)
    whole = report["ok"] and report["size"] >= pending
    rows = [
        at_most(f"sealing {pending:,} lines", seal_cpu, 20, " s CPU"),
        at_most("auditing them", audit_cpu, 15, " s CPU"),
        holds("alarms of that audit", "0", str(len(report["alarms"])), ok=whole),
    ]
    facts = {
        "lines": pending,
        "seal_cpu_s": seal_cpu,
        "seal_s": seal_wall,
        "audit_cpu_s": audit_cpu,
        "audit_s": audit_wall,
    }
    return rows, facts


def _timed(made: Instance, *command: str) -> tuple[float, float, str]:
    """CPU seconds, seconds, and output of `stimme …`, Python's own start included."""
    before, start = _cpu_of_children(), time.perf_counter()
    told = made.command(*command)
    return _cpu_of_children() - before, time.perf_counter() - start, told


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
