"""Secrets of an instance: one file each in STIMME_HOME/keys, never in the database.

All are made together, at first use, and are readable by their owner alone. One that is
missing later is never made anew: a new pseudonym key, for example, would give everybody a
second vote.
"""

import os
import secrets
import shutil
import tempfile
from functools import cache
from pathlib import Path

KEY_BYTES = 32
NAMES = ("django", "log", "paper", "pseudonym", "receipt", "witness")
# What each role reads. The log key is the sealer's alone: with it one can sign a false history.
DOOR = ("paper", "receipt")
PAGES = ("django", "paper", "pseudonym", "receipt", "witness")
SEALER = ("django", "log", "receipt")


@cache
def load(directory: Path, name: str) -> bytes:
    """Return the 32 random bytes of key `name`.

    Raises ValueError, saying what to restore, when the file is missing or damaged.
    """
    if not directory.exists():
        _create_all(directory)
    path = directory / name
    key = path.read_bytes() if path.exists() else b""
    if len(key) != KEY_BYTES:
        message = f"{path} must hold {KEY_BYTES} bytes; restore it from your backup"
        raise ValueError(message)
    return key


def _create_all(directory: Path) -> None:
    """Make the directory with all its keys. Of two processes that try, one wins."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=directory.parent, prefix=".keys-"))
    try:
        for name in NAMES:
            _create(new / name)
        _sync(new)
        new.rename(directory)
    except OSError:
        shutil.rmtree(new)
        if not directory.exists():
            raise
    _sync(directory.parent)


def _create(path: Path) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())


def _sync(directory: Path) -> None:
    """Make the entries of a directory durable: votes must not outlive the key they hang on."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
