"""Where a log is read from: a folder, or a server that is trusted with nothing."""

from __future__ import annotations

import ipaddress
import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import httpx

from stimme.engines.translog import (
    HEIGHT,
    WIDTH,
    Checkpoint,
    LogError,
    MissingResource,
    Read,
    bundle_path,
    split_note,
    tile_path,
)

AT_ONCE = 8  # requests under way
# FORBIDDEN: the document of a cause that is hidden by moderation.
_NOT_SERVED = {httpx.codes.NOT_FOUND, httpx.codes.GONE, httpx.codes.FORBIDDEN}
_LARGEST = {
    "checkpoint": 1_000_000,
    "keys": 64 * 1024,
    "tile/": WIDTH * 32,
    "tile/entries/": WIDTH * (2 + 0xFFFF),
    ".json": 256 * 1024,
}


class CannotRun(Exception):
    """The work could not be done, which says nothing of the log. The text is one sentence."""


def folder_of(path: Path) -> Path:
    """The folder of the log: `path` itself, or its `log` when it is the home of an instance."""
    home = path / "log"
    if home.is_dir() and not (path / "checkpoint").exists():
        return home
    if not path.is_dir():
        raise CannotRun(f"There is no folder {path}. (An address begins with https:// or http://.)")
    return path


def read_folder(folder: Path) -> Read:
    def read(path: str) -> bytes:
        limit = _limit(path)
        try:
            with (folder / path).open("rb") as file:
                content = file.read(limit + 1)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MissingResource(f"The log has no {path}.") from error
        except OSError as error:
            fault = os.strerror(error.errno or 0).lower()
            raise CannotRun(f"{folder / path} cannot be read: {fault}.") from error
        _refuse_above(path, len(content))
        return content

    return read


def _limit(path: str) -> int:
    kinds = [kind for kind in _LARGEST if path.startswith(kind) or path.endswith(kind)]
    return _LARGEST[kinds[-1]]


def _refuse_above(path: str, size: int) -> None:
    if size > _limit(path):
        raise CannotRun(f"{path} is larger than anything of its kind can be.")


def address_of(url: str) -> str:
    """The address of a log, without a slash at its end: `/log` is added where it is missing.

    Raises CannotRun for anything but https, and http on this machine.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.username:
        raise CannotRun("The address of a log looks like https://stimme.example.")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise CannotRun("Over plain http anybody on the way could change the log: use https.")
    path = parts.path.rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path if path.endswith('/log') else path + '/log'}"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Server:
    """Reads below one address with bounds on time and size, a few requests ahead.

    No redirect is followed and nothing compressed is accepted, so an answer can neither come
    from elsewhere nor grow. `seconds` bounds the wait for an answer and for each part of it;
    a whole resource may take ten times as long.
    """

    def __init__(self, address: str, *, seconds: float) -> None:
        self.address = address
        self._longest = 10 * seconds
        self._client = httpx.Client(
            headers={"Accept-Encoding": "identity"},
            timeout=seconds,
            limits=httpx.Limits(max_connections=AT_ONCE),
            trust_env=not _is_loopback(urlsplit(address).hostname or ""),
        )
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._ahead: dict[str, Future[bytes]] = {}
        self._coming: Iterator[str] = iter(())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._client.close()

    def read(self, path: str) -> bytes:
        """Return a resource. Raises MissingResource for 404, CannotRun for other trouble."""
        waiting = self._ahead.pop(path, None)
        content = waiting.result() if waiting else self._get(path, f"{self.address}/{path}")
        if path == "checkpoint":
            self._coming = _order(content)
        for coming in islice(self._coming, AT_ONCE - len(self._ahead)):
            self._ahead[coming] = self._pool.submit(self._get, coming, f"{self.address}/{coming}")
        return content

    def document(self, cid: str) -> bytes | None:
        """The document of a cause, or None where the site shows none. Raises CannotRun."""
        path = f"causes/documents/{cid}.json"
        try:
            return self._get(path, f"{self.address.removesuffix('/log')}/{path}")
        except MissingResource:
            return None

    def _get(self, path: str, url: str) -> bytes:
        try:
            with self._client.stream("GET", url) as response:
                _check(response, path)
                return self._body(response, path)
        except httpx.TimeoutException as error:
            raise CannotRun(f"The server took too long to send {path}.") from error
        except httpx.HTTPError as error:
            raise CannotRun(f"{url} could not be read: {error}.") from error

    def _body(self, response: httpx.Response, path: str) -> bytes:
        until = time.monotonic() + self._longest
        content = bytearray()
        for chunk in response.iter_raw():
            content += chunk
            _refuse_above(path, len(content))
            if time.monotonic() > until:
                raise CannotRun(f"The server took too long to send {path}.")
        return bytes(content)


def _check(response: httpx.Response, path: str) -> None:
    if response.status_code in _NOT_SERVED:
        raise MissingResource(f"The log does not serve {path}.")
    if response.is_redirect:
        target = response.headers.get("Location", "nowhere")[:200]
        raise CannotRun(f"The server sends whoever reads {path} elsewhere: to {target}.")
    if response.status_code != httpx.codes.OK:
        raise CannotRun(f"The server answers {response.status_code} for {path}.")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise CannotRun(f"The server sends {path} compressed, which was not asked for.")


def _order(checkpoint: bytes) -> Iterator[str]:
    """The resources of a log in the order in which the audit reads them."""
    try:
        size = Checkpoint.parse(split_note(checkpoint.decode())[0]).size
    except (LogError, UnicodeDecodeError):
        return
    for index in range(-(-size // WIDTH)):
        yield bundle_path(index, min(WIDTH, size - index * WIDTH))
    level, hashes = 0, size
    while hashes:
        for index in range(-(-hashes // WIDTH)):
            yield tile_path(level, index, min(WIDTH, hashes - index * WIDTH))
        level, hashes = level + 1, hashes >> HEIGHT
