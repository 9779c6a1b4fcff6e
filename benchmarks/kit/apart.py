"""Work in a process of its own: a load beside its server, Django once for each instance."""

import gc
import multiprocessing
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from typing import TypeVar

T = TypeVar("T")
_FORK = multiprocessing.get_context("fork")


class Failed(Exception):
    """What was done apart did not succeed; the text is the traceback from there."""


def apart(work: Callable[[], T], environment: Mapping[str, str] | None = None) -> T:
    """Return what `work` returns in a forked process with these further variables.

    The child inherits what was prepared, requests for example, without copying; only the
    result, which must be picklable, comes back. Raises Failed.
    """
    mine, theirs = _FORK.Pipe(duplex=False)
    child = _FORK.Process(target=_work, args=(work, dict(environment or {}), theirs))
    child.start()
    theirs.close()
    try:
        ok, result = mine.recv()
    except EOFError:
        ok, result = False, "It ended without a word."
    child.join()
    if not ok:
        raise Failed(result)
    return result


def _work(work: Callable[[], T], environment: dict[str, str], answer: Connection) -> None:
    os.environ.update(environment)
    # Nothing here lives long enough to be worth looking for garbage in the middle of a measurement.
    gc.freeze()
    gc.disable()
    try:
        answer.send((True, work()))
    except BaseException:  # noqa: BLE001  # whatever it was belongs to the caller
        answer.send((False, traceback.format_exc()))
    sys.stdout.flush()
