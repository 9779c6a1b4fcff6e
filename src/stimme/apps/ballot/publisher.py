"""The published log: files below STIMME_HOME/log, durable before anybody hears of them."""

import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from stimme.engines.translog import Checkpoint, MissingResource, split_note

CHECKPOINT = "checkpoint"
KEYS = "keys"


def directory() -> Path:
    return settings.STIMME.log_dir


def read(path: str) -> bytes:
    """Return a published resource. Raises MissingResource."""
    try:
        return (directory() / path).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        message = f"{path} is not published"
        raise MissingResource(message) from error


def published_checkpoint() -> str | None:
    """Return the signed note that stands for the whole log, or None before the first sealing."""
    try:
        return read(CHECKPOINT).decode()
    except MissingResource:
        return None


def size_of(note: str | None) -> int:
    """Return the number of lines a checkpoint speaks of; 0 without one."""
    return Checkpoint.parse(split_note(note)[0]).size if note else 0


@contextmanager
def exclusively() -> Iterator[None]:
    """Let one sealer of this directory run; others wait for it."""
    directory().mkdir(parents=True, exist_ok=True)
    with (directory() / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write(resources: Mapping[str, bytes]) -> None:
    """Write every resource, then make the directories that hold them durable."""
    for path, content in resources.items():
        _replace(directory() / path, content)
    for folder in {(directory() / path).parent for path in resources}:
        _sync_up(folder)


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fchmod(file.fileno(), 0o644)
        os.fsync(file.fileno())
    os.rename(temporary, path)  # noqa: PTH104  the system call that crash tests intercept


def _sync_up(folder: Path) -> None:
    """fsync a directory and those above it up to the log's: a new one is an entry there."""
    while True:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        if folder == directory():
            return
        folder = folder.parent
