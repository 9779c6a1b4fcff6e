import argparse

from stimme import keys
from stimme.cli.setup import open_instance


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--due",
        action="store_true",
        help="only what is due: leave a batch too small to hide its voters for later",
    )


def run(options: argparse.Namespace) -> int:
    open_instance(keys.SEALER)
    from stimme.apps.ballot.sealer import SealingRefused, seal  # noqa: PLC0415

    try:
        sealed = seal(everything=not options.due)
    except SealingRefused as error:
        print(f"stimme: {error}")
        return 1
    except OSError as error:
        print(f"stimme: sealing was interrupted; the next one goes on from there: {error}")
        return 1
    print(f"Sealed {sealed.lines} lines; the log now holds {sealed.size}.")
    if sealed.held_back:
        print(f"They are not published yet: {sealed.held_back}.")
    return 1 if sealed.held_back else 0
