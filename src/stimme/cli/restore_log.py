"""`stimme restore-log`: after an old backup, take the missing lines from the published log."""

import argparse
import sys

from stimme.cli.setup import open_instance


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`stimme restore-log` takes no arguments."""


def run(_options: argparse.Namespace) -> int:
    open_instance()
    from stimme.apps.ballot.restoring import Restored, RestoringRefused, restore  # noqa: PLC0415
    from stimme.apps.causes.restoring import close_as_in_log  # noqa: PLC0415

    try:
        restored: Restored = restore()
    except RestoringRefused as error:
        print(f"stimme: {error}", file=sys.stderr)
        return 1
    print(f"Restored {restored.lines:,} lines; the database holds the log of {restored.size:,}.")
    close_as_in_log(restored.closed)
    if restored.unknown:
        print(
            "The texts of these demands are lost; their votes are counted: "
            f"{', '.join(restored.unknown)}."
        )
    if restored.displaced:
        print(
            "Votes cast since the backup was restored that cannot be kept as promised: "
            f"{restored.displaced:,}. They follow the restored ones, unless their cause was "
            "closed, they need another key, or they tell nothing new. Tell the voters."
        )
    return 0
