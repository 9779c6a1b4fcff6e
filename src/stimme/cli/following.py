"""Processes that end with the one that started them, however it ended."""

import argparse
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


def end(parts: Sequence[subprocess.Popen[bytes]]) -> None:
    """End processes and wait for them; doors come last in the list and end first."""
    for part in reversed(parts):
        part.terminate()
        try:
            part.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            part.kill()
            part.wait()
