"""Seal what is due, again and again, and look whether everything still holds."""

import argparse
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from stimme import keys
from stimme.cli import load_instance
from stimme.cli.metering import add_argument, metering

logger = logging.getLogger("stimme.sealer")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_argument(parser)


def run(options: argparse.Namespace) -> None:
    with metering(options.metrics_port):
        load_instance(keys.SEALER)
        stop = stop_on_signals()
        need_sealing()
        logger.info("sealing")
        seal_until(stop)


def stop_on_signals() -> threading.Event:
    """An event that is set when the program is asked to end."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def need_sealing() -> None:
    """Seal what is due; end the program with one sentence where that is refused.

    Votes would be promised a place in a log that cannot grow.
    """
    if refusal := _seal():
        raise SystemExit(f"stimme: {refusal}")


def seal_until(stop: threading.Event) -> None:
    """Take a round in every seal interval. No error ends it: the next round tries again."""
    from django.conf import settings  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from stimme.apps.accounts.forgetting import forget_old_counts  # noqa: PLC0415
    from stimme.apps.ballot.watching import Watch  # noqa: PLC0415
    from stimme.apps.causes.surges import Lookout  # noqa: PLC0415
    from stimme.apps.organisations.commitments import ask_about_due  # noqa: PLC0415
    from stimme.apps.rooms.services import forget_expired  # noqa: PLC0415

    watch, lookout = Watch(), Lookout()
    while not stop.wait(settings.STIMME.seal_interval):
        with _trying("old counts are still there"):
            forget_old_counts()
        with _trying("expired rooms are still there"):
            forget_expired()
        if refusal := _seal():
            logger.error("%s", refusal)
        with _trying("surges were not looked for"):
            lookout.look()
        with _trying("nobody was asked about commitments that are due"):
            ask_about_due(timezone.localdate())
        with _trying("tallies and log were not looked at"):
            watch.look()


def _seal() -> str:
    """Seal what is due; return why that was refused, if it was."""
    from stimme.apps.ballot.sealer import SealingRefused, seal  # noqa: PLC0415

    with _trying("sealing failed"):
        try:
            seal()
        except SealingRefused as error:
            return str(error)
    return ""


@contextmanager
def _trying(complaint: str) -> Iterator[None]:
    """Turn an error into a message, and connect anew to the database for the next step."""
    from django.db import close_old_connections, connection  # noqa: PLC0415

    try:
        yield
    except Exception:
        logger.exception("%s; it will be tried again", complaint)
        connection.close()
    close_old_connections()
