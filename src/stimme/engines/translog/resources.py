"""The static files of a C2SP tlog-tiles log: their paths and their layout.

A hash tile holds up to 256 hashes of one level; an entry bundle up to 256 entries, each after
its length as uint16 big endian. The level of a tile counts in steps of eight tree levels.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from .errors import MissingResource, TileError
from .merkle import HASH_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterable

HEIGHT = 8
WIDTH = 256
MAX_ENTRY = 0xFFFF
MAX_RESOURCE = WIDTH * (2 + MAX_ENTRY)  # bytes: who reads over a network need never read more
ENTRIES = "entries"

Read = Callable[[str], bytes]
"""Path below the log's prefix -> content; raises FileNotFoundError when there is none."""

_RESOURCE = re.compile(
    r"tile/(?P<kind>entries|[0-7])/(?P<groups>(?:x\d{3}/){0,5}\d{3})(?:\.p/(?P<width>[1-9]\d{0,2}))?",
    re.ASCII,
)


class Resource(NamedTuple):
    """What a resource path names; `level` is None for an entry bundle."""

    level: int | None
    number: int
    width: int


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """The path of a hash tile: `tile/0/x001/x234/067.p/5`."""
    return _path(str(level), index, width)


def bundle_path(index: int, width: int = WIDTH) -> str:
    """The path of an entry bundle: `tile/entries/x001/x234/067.p/5`."""
    return _path(ENTRIES, index, width)


def _path(kind: str, index: int, width: int) -> str:
    groups = [f"{index % 1000:03}"]
    while index >= 1000:  # noqa: PLR2004 the format groups digits by three
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    partial = f".p/{width}" if width != WIDTH else ""
    return f"tile/{kind}/{'/'.join(groups)}{partial}"


def parse_resource_path(path: str) -> Resource:
    """Read a canonical resource path. Raises TileError for anything else."""
    match = _RESOURCE.fullmatch(path)
    if match is None:
        raise TileError("This is not the path of a tile or an entry bundle.")
    kind = match["kind"]
    level = None if kind == ENTRIES else int(kind)
    index = int(match["groups"].replace("/", "").replace("x", ""))
    found = Resource(level, index, int(match["width"] or WIDTH))
    if found.width > WIDTH or _path(kind, index, found.width) != path:
        raise TileError("The path of this tile or entry bundle is not in canonical form.")
    return found


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Raises TileError for an entry above 65,535 bytes."""
    parts = []
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise TileError(f"An entry of {len(entry)} bytes is too long for the log.")
        parts.append(len(entry).to_bytes(2, "big"))
        parts.append(entry)
    return b"".join(parts)


def decode_bundle(data: bytes, width: int, path: str) -> list[bytes]:
    """The first `width` entries of a bundle, which must be whole to its last byte.

    Raises TileError naming `path` when it is malformed or holds fewer.
    """
    entries: list[bytes] = []
    at = 0
    # Not one entry more than needed to refuse it: the rest may be millions of empty ones.
    while at < len(data) and len(entries) <= WIDTH:
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        entries.append(data[start:at])
    if at != len(data) or not width <= len(entries) <= WIDTH:
        raise TileError(f"The entry bundle {path} is truncated or malformed.")
    return entries[:width]


def decode_tile(data: bytes, width: int, path: str) -> list[bytes]:
    """The first `width` hashes of a tile. Raises TileError naming `path` when it is malformed."""
    if len(data) % HASH_SIZE or not width * HASH_SIZE <= len(data) <= WIDTH * HASH_SIZE:
        raise TileError(f"The hash tile {path} is truncated or malformed.")
    return [data[at : at + HASH_SIZE] for at in range(0, width * HASH_SIZE, HASH_SIZE)]


def read_either(read: Read, partial: str, full: str) -> tuple[bytes, str]:
    """A partial resource or, where it has gone, the full one that replaces it; and its path."""
    for path in dict.fromkeys((partial, full)):
        try:
            return read(path), path
        except FileNotFoundError:
            continue
    raise MissingResource(f"The log does not serve {partial}.")


def read_tile(read: Read, level: int, index: int, width: int) -> list[bytes]:
    """Exactly `width` hashes. Raises MissingResource or another TileError."""
    data, path = read_either(read, tile_path(level, index, width), tile_path(level, index))
    if path == tile_path(level, index, width) and len(data) != width * HASH_SIZE:
        raise TileError(f"The hash tile {path} is truncated or malformed.")
    return decode_tile(data, width, path)


def read_bundle(read: Read, index: int, width: int) -> list[bytes]:
    """Exactly `width` entries. Raises MissingResource or another TileError."""
    data, path = read_either(read, bundle_path(index, width), bundle_path(index))
    entries = decode_bundle(data, WIDTH if path == bundle_path(index) else width, path)
    if path == bundle_path(index, width) and encode_bundle(entries) != data:
        raise TileError(f"The entry bundle {path} holds more entries than its name says.")
    return entries[:width]
