"""Secrets of an instance: one file each in STIMME_HOME/keys, never in the database.

The files are made at first use and readable by their owner alone.
"""

import os
import secrets
import tempfile
from functools import cache
from pathlib import Path

KEY_BYTES = 32


@cache
def load(directory: Path, name: str) -> bytes:
    """Return the 32 random bytes of key `name`, making them at first use."""
    path = directory / name
    if not path.exists():
        _create(path)
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        message = f"{path} must hold {KEY_BYTES} bytes; restore it from your backup"
        raise ValueError(message)
    return key


def _create(path: Path) -> None:
    """Write a new key. Of two processes that both try, one wins and both read its key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink()
    _sync(path.parent)
    _sync(path.parent.parent)


def _sync(directory: Path) -> None:
    """Make the entries of a directory durable: votes must not outlive the key they hang on."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
