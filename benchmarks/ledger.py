"""The ledger of somebody with many votes: what its page and its file cost.

./dev bench ledger [--votes 500] [--times 20]
"""

import argparse
import sys
from importlib import import_module
from types import ModuleType

from kit.instance import Instance, instance
from kit.report import Row, at_most, busy, finish
from kit.statistics import median

PORT = 8155
QUERIES, MILLISECONDS = 12, 300


def main() -> int:
    options, load = _options(), busy()
    limits = {"causes_per_day": str(options.votes)}
    with instance(PORT, accounts=3, **limits) as made:
        made.do(lambda _inside: _ledgers().fill(options.votes))
        rows, facts = _measure(made, options.times)
    return finish("ledger", rows, {"votes": options.votes, **facts, "load_before": load})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the ledger.")
    parser.add_argument("--votes", type=int, default=500, help="of one account (%(default)s)")
    parser.add_argument("--times", type=int, default=20, help="each is read (%(default)s)")
    return parser.parse_args()


def _ledgers() -> ModuleType:
    """Loaded where Django is set up, and nowhere else."""
    return import_module("kit.ledgers")


def _measure(made: Instance, times: int) -> tuple[list[Row], dict[str, float | None]]:
    rows: list[Row] = []
    facts: dict[str, float | None] = {}
    for name, path in [("page", "/votes/"), ("file", "/votes/export.csv")]:
        seconds, queries = made.do(lambda _inside, path=path: _ledgers().read(path, times))
        cpu = 1000 * median(seconds)
        facts |= {f"{name}_cpu_ms": cpu, f"{name}_queries": queries}
        rows += [
            at_most(f"CPU of the {name}, median", cpu, MILLISECONDS, " ms"),
            at_most(f"queries of the {name}", queries, QUERIES),
        ]
    return rows, facts


if __name__ == "__main__":
    sys.exit(main())
