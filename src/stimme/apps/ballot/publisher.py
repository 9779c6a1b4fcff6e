"""The published log: what anybody can read of it, in the store that the settings name."""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import connection

from stimme.apps.ballot.stores import Directory, Store
from stimme.config import Config
from stimme.engines.translog import Checkpoint, MissingResource, split_note

CHECKPOINT = "checkpoint"
KEYS = "keys"
# Chosen once: PostgreSQL knows a lock by its number.
_LOCK = int.from_bytes(b"sealer", "big")


def directory() -> Path:
    """The folder of the log on this machine; with an object store it holds the lock alone."""
    return settings.STIMME.log_dir


def store() -> Store:
    return _store_of(settings.STIMME)


@lru_cache(maxsize=4)
def _store_of(config: Config) -> Store:
    options = config.log_bucket()
    if options is None:
        return Directory(config.log_dir)
    # Only who keeps the log in a bucket needs the packages for it.
    from stimme.apps.ballot.buckets import Bucket  # noqa: PLC0415

    return Bucket(options)


def read(path: str) -> bytes:
    """Return a published resource. Raises MissingResource, or OSError for other trouble."""
    return store().read(path)


def write(resources: Mapping[str, bytes]) -> None:
    """Write resources, each whole and durable on return.

    Raises OSError; then some of them may be written.
    """
    if resources:
        store().write(resources)


def published_checkpoint() -> str | None:
    """Return the signed note that stands for the whole log, or None before the first sealing."""
    try:
        return read(CHECKPOINT).decode()
    except MissingResource:
        return None


def published_keys() -> list[str]:
    """Return the log's key and the key of receipts as vkeys; none before the first sealing.

    As the sealer has published them: nobody else reads the private key of the log.
    """
    try:
        return read(KEYS).decode().split()
    except MissingResource:
        return []


def published_at() -> datetime:
    """When the checkpoint was last replaced. Raises MissingResource before the first sealing."""
    return store().written_at(CHECKPOINT)


def latest() -> Checkpoint | None:
    """Return what the published checkpoint says, unverified; None before the first sealing."""
    note = published_checkpoint()
    return Checkpoint.parse(split_note(note)[0]) if note else None


def size_of(note: str | None) -> int:
    """Return the number of lines a checkpoint speaks of; 0 without one."""
    return Checkpoint.parse(split_note(note)[0]).size if note else 0


@contextmanager
def exclusively() -> Iterator[None]:
    """Let one sealer of this log run; others wait for it.

    A lock on a file keeps those of one machine apart, a lock of PostgreSQL those of several.
    Should both fail, the log head still moves only once (see `sealer`).
    """
    directory().mkdir(parents=True, exist_ok=True)
    with (directory() / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with _alone_in_database():
            store().forget()
            yield


@contextmanager
def _alone_in_database() -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
