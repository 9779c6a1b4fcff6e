"""A bucket of an S3-compatible object store, which holds the files of the public log.

One PUT replaces an object as a whole, and the store has it durably when it answers; so there
is nothing to rename and nothing to sync.
"""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any

from boto3.exceptions import Boto3Error  # type: ignore[import-untyped]
from boto3.s3.transfer import TransferConfig  # type: ignore[import-untyped]
from botocore.config import Config as ClientConfig  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]
from django.core.files.base import ContentFile
from storages.backends.s3 import S3Storage  # type: ignore[import-untyped]

from stimme.apps.ballot.stores import StoreFailed
from stimme.engines.translog import MissingResource

_AT_ONCE = 8  # requests under way
_TILES = 512  # full hash tiles in memory, 8 KiB each
_FRESH = 1.0  # seconds for which a checkpoint that was read is believed
_MISSING = {"404", "NoSuchKey", "NotFound"}
_TEXT = "text/plain; charset=utf-8"
_HEADERS = {
    "checkpoint": {"ContentType": _TEXT, "CacheControl": "public, max-age=2"},
    "keys": {"ContentType": _TEXT, "CacheControl": "public, max-age=300"},
}
_TILE_HEADERS = {
    "ContentType": "application/octet-stream",
    "CacheControl": "public, max-age=31536000, immutable",
}


class LogStorage(S3Storage):
    """Django's storage for S3, with the headers of the log and a single request for a read."""

    def __init__(self, **options: object) -> None:
        client = ClientConfig(
            s3={"addressing_style": "path" if options.get("endpoint_url") else "auto"},
            signature_version="s3v4",
            connect_timeout=5,
            read_timeout=10,
            retries={"mode": "standard", "max_attempts": 3},
            max_pool_connections=_AT_ONCE,
            # Not every compatible store knows the newer checksums.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        transfer = TransferConfig(use_threads=False)
        super().__init__(client_config=client, transfer_config=transfer, **options)

    def get_object_parameters(self, name: str) -> dict[str, str]:
        return _HEADERS.get(name.removeprefix(f"{self.location}/"), _TILE_HEADERS)

    def _open(self, name: str, mode: str = "rb") -> "ContentFile[bytes]":  # noqa: ARG002  Django's
        try:
            found = self.bucket.Object(self._normalize_name(name)).get()
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                raise FileNotFoundError(name) from error
            raise
        with found["Body"] as body:
            return ContentFile(body.read())


class Bucket:
    """Resources in a bucket. Full hash tiles never change, so those read are kept in memory."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """`options` are those of Django's S3Storage."""
        self._storage = LogStorage(**options)
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="log-store")
        self._tile = lru_cache(maxsize=_TILES)(self._get)
        self._checkpoint: tuple[float, bytes] | None = None

    def read(self, path: str) -> bytes:
        if path == "checkpoint":
            return self._recent_checkpoint()
        if path.startswith("tile/") and not path.startswith("tile/entries/") and ".p/" not in path:
            return self._tile(path)
        return self._get(path)

    def write(self, resources: Mapping[str, bytes]) -> None:
        try:
            for _ in self._pool.map(self._put, *zip(*resources.items(), strict=True)):
                pass
        finally:
            self.forget()

    def written_at(self, path: str) -> datetime:
        with _told():
            try:
                return self._storage.get_modified_time(path)
            except ClientError as error:
                if error.response["Error"]["Code"] in _MISSING:
                    raise MissingResource(f"{path} is not published") from error
                raise

    def forget(self) -> None:
        self._tile.cache_clear()
        self._checkpoint = None

    def _recent_checkpoint(self) -> bytes:
        """A page with fifty receipts looks at the checkpoint fifty times."""
        known, now = self._checkpoint, time.monotonic()
        if known and now - known[0] < _FRESH:
            return known[1]
        content = self._get("checkpoint")
        self._checkpoint = now, content
        return content

    def _get(self, path: str) -> bytes:
        with _told():
            try:
                with self._storage.open(path) as file:
                    return file.read()
            except FileNotFoundError as error:
                raise MissingResource(f"{path} is not published") from error

    def _put(self, path: str, content: bytes) -> None:
        with _told():
            self._storage.save(path, ContentFile(content))


@contextmanager
def _told() -> Iterator[None]:
    """Say what the store said; its errors carry no secrets."""
    try:
        yield
    except (Boto3Error, BotoCoreError, ClientError) as error:
        raise StoreFailed(f"The log store failed: {error}") from error
