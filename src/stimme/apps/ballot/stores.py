"""Where the files of the public log lie: a directory, or a bucket of an object store."""

import os
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from stimme.engines.translog import MissingResource


class StoreFailed(OSError):
    """The object store did not do what it was asked."""


class Store(Protocol):
    """Resources by their path below the log's prefix."""

    def read(self, path: str) -> bytes:
        """Raises MissingResource where there is none, OSError for other trouble."""

    def write(self, resources: Mapping[str, bytes]) -> None:
        """Return once all are durable; each is replaced as a whole or not at all.

        Raises OSError, on a full disk for example; then some of them may be written.
        """

    def written_at(self, path: str) -> datetime:
        """When a resource was last replaced. Raises MissingResource or OSError."""

    def forget(self) -> None:
        """Read again what may have been replaced by somebody else."""


class Directory:
    """Files below one folder, durable before anybody hears of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: str) -> bytes:
        try:
            return (self._folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MissingResource(f"{path} is not published") from error

    def write(self, resources: Mapping[str, bytes]) -> None:
        """Write every file, then make the directories that hold them durable."""
        for path, content in resources.items():
            _replace(self._folder / path, content)
        top = self._folder.parent
        holding = {(self._folder / path).parent for path in resources}
        for folder in holding.union(*(one.parents for one in holding)):
            # A new directory is an entry in the one above it.
            if folder.is_relative_to(top):
                _sync(folder)

    def written_at(self, path: str) -> datetime:
        try:
            return datetime.fromtimestamp((self._folder / path).stat().st_mtime, UTC)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MissingResource(f"{path} is not published") from error

    def forget(self) -> None:
        """Nothing is remembered: the system keeps what is read often."""


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
