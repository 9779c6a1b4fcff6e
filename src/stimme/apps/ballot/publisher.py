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


def latest() -> Checkpoint | None:
    """Return what the published checkpoint says, unverified; None before the first sealing."""
    note = published_checkpoint()
    return Checkpoint.parse(split_note(note)[0]) if note else None


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
    """Write every resource, then make the directories that hold them durable.

    Raises OSError, on a full disk for example; then some of them may be written, each whole.
    """
    for path, content in resources.items():
        _replace(directory() / path, content)
    top = directory().parent
    for folder in {folder for path in resources for folder in (directory() / path).parents}:
        # A new directory is an entry in the one above it.
        if folder.is_relative_to(top):
            _sync(folder)


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        os.rename(temporary, path)  # noqa: PTH104  the system call that crash tests intercept
    except OSError:
        # Each try to seal on a full disk would fill it further.
        Path(temporary).unlink(missing_ok=True)
        raise


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
