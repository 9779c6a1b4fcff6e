"""Writing a log as tiles (`append`), and reading roots, proofs and entries from them (`Tree`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Self

from .errors import ProofError, TileError
from .merkle import (
    EMPTY_ROOT,
    climb,
    consistency_climb,
    leaf_hash,
    next_level,
    node_hash,
    root_of,
)
from .resources import (
    HEIGHT,
    WIDTH,
    Read,
    bundle_path,
    encode_bundle,
    parse_resource_path,
    read_bundle,
    read_tile,
    tile_path,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = [
    "HEIGHT",
    "WIDTH",
    "Appended",
    "Edge",
    "Read",
    "Tree",
    "append",
    "bundle_path",
    "parse_resource_path",
    "resources_for",
    "tile_path",
]

_CACHED_TILES = 64


@dataclass
class Edge:
    """The right edge of a log: all that is needed to go on writing, a few kilobytes.

    `tiles[L]` holds the hashes of the unfinished tile of level L.
    """

    size: int = 0
    bundle: list[bytes] = field(default_factory=list)
    tiles: list[list[bytes]] = field(default_factory=list)

    @classmethod
    def load(cls, read: Read, size: int) -> Self:
        """Read the right edge of a log of `size` entries.

        Raises TileError or a subclass when a file of it is missing, or contradicts another.
        """
        edge = cls(size)
        if width := size % WIDTH:
            edge.bundle = read_bundle(read, size // WIDTH, width)
        level, hashes = 0, size
        while hashes:
            index, width = divmod(hashes, WIDTH)
            edge.tiles.append(read_tile(read, level, index, width) if width else [])
            level, hashes = level + 1, index
        if edge.bundle and [leaf_hash(entry) for entry in edge.bundle] != edge.tiles[0]:
            raise TileError("The last entry bundle and its hash tile contradict each other.")
        return edge

    def extend(self, entries: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
        """Add entries; gives every bundle and tile that they complete, as (path, content)."""
        rest = iter(entries)
        while fresh := list(islice(rest, WIDTH - len(self.bundle))):
            index = self.size // WIDTH
            self.bundle += fresh
            self.size += len(fresh)
            if len(self.bundle) == WIDTH:
                yield bundle_path(index), encode_bundle(self.bundle)
                self.bundle = []
            yield from self._add_hashes([leaf_hash(entry) for entry in fresh])

    def _add_hashes(self, fresh: list[bytes]) -> Iterator[tuple[str, bytes]]:
        """Add hashes to level 0, never more than finish its tile."""
        level, filled = 0, self.size
        while fresh:
            if level == len(self.tiles):
                self.tiles.append([])
            tile = self.tiles[level]
            tile += fresh
            if len(tile) < WIDTH:
                return
            filled //= WIDTH
            yield tile_path(level, filled - 1), b"".join(tile)
            fresh = [root_of(tile)]
            self.tiles[level] = []
            level += 1

    def partials(self) -> Iterator[tuple[str, bytes]]:
        """The unfinished bundle and tiles at this size, as (path, content)."""
        if self.bundle:
            path = bundle_path(self.size // WIDTH, len(self.bundle))
            yield path, encode_bundle(self.bundle)
        for level, tile in enumerate(self.tiles):
            if tile:
                index = self.size >> HEIGHT * (level + 1)
                yield tile_path(level, index, len(tile)), b"".join(tile)

    def root(self) -> bytes:
        """The root at this size."""
        found: bytes | None = None
        for tile in self.tiles:
            hashes = list(tile)
            # The unfinished subtree of the level below stands right of this level's hashes.
            found = _join(hashes, found)
        return EMPTY_ROOT if found is None else found


def _join(hashes: list[bytes], right: bytes | None) -> bytes | None:
    """The root over whole subtrees of one size, and an unfinished one at their right."""
    while hashes:
        lone = 1 << ((len(hashes) & -len(hashes)).bit_length() - 1)
        left = root_of(hashes[-lone:])
        right = left if right is None else node_hash(left, right)
        del hashes[-lone:]
    return right


@dataclass(frozen=True)
class Appended:
    """What an append gives: the new size and root, and the files to write."""

    size: int
    root: bytes
    resources: dict[str, bytes]


def append(
    read: Read, old_size: int, entries: Sequence[bytes], *, old_root: bytes | None = None
) -> Appended:
    """Append to a log of `old_size` entries, of which only the right edge is read.

    `resources` are all bundles and tiles, full and partial, that the new size needs beyond
    those that the old size needed. Raises TileError or a subclass for a broken right edge, one
    that does not lead to `old_root` (whoever signs the result must give it: a damaged file
    would fork the log), or an entry above 65,535 bytes.
    """
    edge = Edge.load(read, old_size)
    if old_root is not None and edge.root() != old_root:
        raise TileError(f"The tiles of the first {old_size} entries do not lead to their root.")
    before = {path for path, _ in edge.partials()}
    resources = dict(edge.extend(entries))
    resources.update((p, data) for p, data in edge.partials() if p not in before)
    return Appended(edge.size, edge.root(), resources)


def resources_for(
    entries: Iterable[bytes], sizes: Sequence[int], *, edge: Edge | None = None
) -> Iterator[tuple[str, bytes]]:
    """Render again, as (path, content), what the log serves for the published `sizes`.

    `entries` are the leaves from `edge` (default: the empty log) up to the largest size, in
    order, and are held 256 at a time: so recovery writes any range again from the leaf table,
    starting at `Edge.load(read, a)` where the files up to `a` are whole.
    """
    edge = edge or Edge()
    rest = iter(entries)
    for size in sorted(set(sizes)):
        yield from edge.extend(islice(rest, max(0, size - edge.size)))
        yield from edge.partials()


class Tree:
    """A log of `size` entries, served by `read`.

    Any method raises MissingResource or another TileError, naming the resource, when a tile
    or a bundle is missing, truncated or malformed. Nothing here is checked against a signed
    root: compare `root()` with the checkpoint.
    """

    def __init__(self, read: Read, size: int) -> None:
        self.size = size
        self._read = read
        self._tiles: dict[tuple[int, int], list[list[bytes]]] = {}

    def root(self) -> bytes:
        if not self.size:
            return EMPTY_ROOT
        return self._node((self.size - 1).bit_length(), 0)

    def root_at(self, size: int) -> bytes:
        """The root of the first `size` entries. Raises ProofError where there are fewer."""
        if not 0 <= size <= self.size:
            raise ProofError(f"A log of {self.size} entries never had {size}.")
        found: bytes | None = None
        for level in range(size.bit_length()):
            if size >> level & 1:
                whole = self._whole(level, (size >> level) - 1)
                found = whole if found is None else node_hash(whole, found)
        return EMPTY_ROOT if found is None else found

    def leaf_hash(self, index: int) -> bytes:
        """Raises ProofError if there is no such leaf."""
        self._check_index(index)
        return self._node(0, index)

    def inclusion_path(self, index: int) -> list[bytes]:
        """The siblings of a leaf, leaf to root. Raises ProofError if there is no such leaf."""
        self._check_index(index)
        return climb(0, index, self.size, self._node)

    def consistency_path(self, old_size: int) -> list[bytes]:
        """The proof from `old_size` to this size. Raises ProofError if it is larger."""
        return consistency_climb(old_size, self.size, self._node)

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The entries [start, stop), one bundle at a time in memory."""
        stop = self.size if stop is None else min(stop, self.size)
        for index in range(start // WIDTH, -(-stop // WIDTH)):
            first = index * WIDTH
            bundle = read_bundle(self._read, index, min(WIDTH, self.size - first))
            yield from bundle[max(0, start - first) : stop - first]

    def _check_index(self, index: int) -> None:
        if not 0 <= index < self.size:
            raise ProofError(f"Entry {index} lies outside a log of {self.size} entries.")

    def _node(self, level: int, index: int) -> bytes:
        """The hash over leaves [index << level, (index + 1) << level), cut off at the size."""
        if (index + 1) << level <= self.size:
            return self._whole(level, index)
        left = self._node(level - 1, 2 * index)
        if (2 * index + 1) << (level - 1) >= self.size:
            return left
        return node_hash(left, self._node(level - 1, 2 * index + 1))

    def _whole(self, level: int, index: int) -> bytes:
        tile_level, inner = divmod(level, HEIGHT)
        tile, at = divmod(index, WIDTH >> inner)
        return self._tile(tile_level, tile)[inner][at]

    def _tile(self, level: int, index: int) -> list[list[bytes]]:
        """The tree levels inside one tile, its hashes first."""
        key = (level, index)
        levels = self._tiles.pop(key, None) or self._load(level, index)
        self._tiles[key] = levels
        if len(self._tiles) > _CACHED_TILES:
            del self._tiles[next(iter(self._tiles))]
        return levels

    def _load(self, level: int, index: int) -> list[list[bytes]]:
        width = min(WIDTH, (self.size >> HEIGHT * level) - index * WIDTH)
        levels = [read_tile(self._read, level, index, width)]
        while len(levels[-1]) > 1 and len(levels) < HEIGHT:
            levels.append(next_level(levels[-1]))
        return levels
