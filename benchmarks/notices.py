"""Notices to many accounts: looking at all of them, and mailing those who voted.

./dev bench notices [--accounts 100000] [--mails 3000]
"""

import argparse
import sys
from importlib import import_module
from types import ModuleType

from kit.instance import Instance, instance
from kit.mail_sink import mail_sink
from kit.report import Row, at_least, at_most, busy, finish, holds

PORT = 8156


def main() -> int:
    options, load = _options(), busy()
    with (
        mail_sink() as server,
        instance(PORT, accounts=options.accounts, smtp_url=server) as made,
    ):
        made.do(lambda _inside: _noticing().give_secrets())
        rows, facts = _measure(made, options.mails)
    return finish("notices", rows, {"accounts": options.accounts, **facts, "load_before": load})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure notices.")
    parser.add_argument("--accounts", type=int, default=100_000, help="there are (%(default)s)")
    parser.add_argument("--mails", type=int, default=3000, help="of them voted (%(default)s)")
    return parser.parse_args()


def _noticing() -> ModuleType:
    """Loaded where Django is set up, and nowhere else."""
    return import_module("kit.noticing")


def _measure(made: Instance, mails: int) -> tuple[list[Row], dict[str, float | None]]:
    """First a decision on which nobody voted, then one that concerns many."""
    made.do(lambda _inside: _noticing().decide(0))
    enrolled = made.do(lambda _inside: _noticing().enrol_all())
    looked_at, none, seconds, cpu = made.do(lambda _inside: _noticing().send_all())
    made.do(lambda _inside: _noticing().decide(mails))
    _, mailed, mailing, mailing_cpu = made.do(lambda _inside: _noticing().send_all())
    told, owed = made.do(lambda _inside: _noticing().noted())
    spent, cpu_spent = max(mailing - seconds, 1e-9), max(mailing_cpu - cpu, 1e-9)
    rows = [
        at_least("accounts looked at", looked_at / seconds, 10_000, "/s", "one decision"),
        at_most("CPU of one look", 1e6 * cpu / looked_at, 100, " µs"),
        at_least("mails", mailed / spent, 100, "/s", "with looking taken off"),
        at_most("CPU of one mail", 1000 * cpu_spent / max(mailed, 1), 8, " ms"),
        holds(
            "mails to those who voted, and others",
            f"{mails}, 0",
            f"{told}, {none + owed}",
            ok=(told, none + owed) == (mails, 0),
        ),
    ]
    facts = {
        "first_time_s": enrolled,
        "looked_at": looked_at,
        "look_s": seconds,
        "look_cpu_s": cpu,
        "mailed": mailed,
        "mail_s": spent,
        "mail_cpu_s": cpu_spent,
    }
    return rows, facts


if __name__ == "__main__":
    sys.exit(main())
