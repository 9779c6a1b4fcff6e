"""Processes that end with the one that started them, however it ended."""

import argparse
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

_PATIENCE = 20  # seconds for what is being answered


def add_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--following", action="store_true", help=argparse.SUPPRESS)


def spawn(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a command of this program that ends when this process does."""
    command = [sys.executable, "-m", "stimme", *arguments, "--following"]
    # A group of its own: Ctrl-C reaches this process, which ends the others in its order.
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603  our own program


def start(options: argparse.Namespace) -> None:
    """Begin to follow, if that was asked for: the pipe closes when the other end is gone."""
    if options.following:
        threading.Thread(target=_end_with_the_other, daemon=True).start()


def _end_with_the_other() -> None:
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)


def start_in_worker() -> None:
    """Begin to follow the process that started this worker; granian does not look after that.

    A worker that outlived it would keep the port, and the door of the database, for nobody.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        # At once: open live tallies would hold up an orderly end for as long as they like.
        os._exit(1)


def end(parts: Sequence[subprocess.Popen[bytes]]) -> None:
    """End processes and wait for them; doors come last in the list and end first."""
    for part in reversed(parts):
        part.terminate()
        try:
            part.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            part.kill()
            part.wait()
