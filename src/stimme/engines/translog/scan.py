"""Read a whole log once, and compare every hash tile with what the entries give."""

from __future__ import annotations

from collections.abc import Iterator

from .errors import MissingResource, ProofError, TileError
from .merkle import HASH_SIZE, leaf_hash, root_of, verify_inclusion
from .resources import (
    HEIGHT,
    WIDTH,
    Read,
    bundle_path,
    parse_resource_path,
    read_bundle,
    read_tile,
    tile_path,
)
from .tiles import Tree


class Scan:
    """The entries of a log and its tiles of all levels, against the root that it signed.

    `faults` holds one sentence for each. Memory: 32 bytes an entry.
    """

    def __init__(self, read: Read, size: int, root: bytes) -> None:
        self.size = size
        self.root = root
        self.faults: list[str] = []
        self.whole = True
        self._read = read
        self._ours: dict[tuple[int, int], bytes] = {}

    def bundles(self) -> Iterator[tuple[int, list[bytes], list[bytes]]]:
        """Each readable bundle as (index of its first entry, entries, leaf hashes).

        Ends early where neither a bundle nor its hash tile can be read. `whole` tells
        afterwards whether all entries were given.
        """
        for index in range(-(-self.size // WIDTH)):
            entries = self._bundle(index)
            if entries is None:
                self.whole = False
                hashes = self._published(0, index)
            else:
                hashes = [leaf_hash(entry) for entry in entries]
            if hashes is None:
                return
            self._ours[0, index] = b"".join(hashes)
            if entries is not None:
                yield index * WIDTH, entries, hashes

    def judge(self) -> None:
        """Compare all tiles and the root, once `bundles` is exhausted."""
        last = (self.size - 1) // WIDTH
        if self.size and (0, last) not in self._ours:
            self.faults.append("The log cannot be checked further: too much of it is missing.")
            return
        self._add_upper_levels()
        differing = [place for place in self._ours if self._differs(*place)]
        if self._leads_to_root(self._own_read):
            self.faults += [_wrong_tile(self._path(*place)) for place in differing]
        else:
            self._judge_entries([index for level, index in differing if level == 0])

    def root_at(self, size: int) -> bytes | None:
        """The root of the first `size` entries; None if the log contradicts its own root."""
        for read in (self._own_read, self._read):
            if self._leads_to_root(read):
                try:
                    return Tree(read, size).root()
                except TileError:
                    continue
        return None

    def leaf_hash(self, index: int) -> bytes | None:
        """The hash of the entry that the log serves at `index`, if it can be read."""
        tile, at = divmod(index, WIDTH)
        return self._ours.get((0, tile), b"")[at * HASH_SIZE : (at + 1) * HASH_SIZE] or None

    def _bundle(self, index: int) -> list[bytes] | None:
        try:
            return read_bundle(self._read, index, self._width(0, index))
        except TileError as error:
            self.faults.append(str(error))
            return None

    def _published(self, level: int, index: int) -> list[bytes] | None:
        try:
            return read_tile(self._read, level, index, self._width(level, index))
        except TileError:
            return None

    def _width(self, level: int, index: int) -> int:
        return min(WIDTH, (self.size >> HEIGHT * level) - index * WIDTH)

    def _path(self, level: int, index: int) -> str:
        return tile_path(level, index, self._width(level, index))

    def _add_upper_levels(self) -> None:
        level, tiles = 0, self.size // WIDTH
        while tiles:
            roots = [root_of(_split(self._ours[level, index])) for index in range(tiles)]
            level += 1
            for start in range(0, tiles, WIDTH):
                self._ours[level, start // WIDTH] = b"".join(roots[start : start + WIDTH])
            tiles //= WIDTH

    def _differs(self, level: int, index: int) -> bool:
        """Whether a published tile is not ours; one that cannot be read is a fault at once."""
        try:
            published = read_tile(self._read, level, index, self._width(level, index))
        except TileError as error:
            self.faults.append(str(error))
            return False
        return b"".join(published) != self._ours[level, index]

    def _own_read(self, path: str) -> bytes:
        level, index, width = parse_resource_path(path)
        data = b"" if level is None else self._ours.get((level, index), b"")
        if len(data) < width * HASH_SIZE:
            raise MissingResource(path)
        return data[: width * HASH_SIZE]

    def _leads_to_root(self, read: Read) -> bool:
        try:
            return Tree(read, self.size).root() == self.root
        except TileError:
            return False

    def _judge_entries(self, tiles: list[int]) -> None:
        """Say which entries do not belong to the signed root."""
        changed = [self._changed_entry(index) for index in tiles]
        self.faults += changed
        if not changed:
            self.faults.append(
                "The entries and the hash tiles lead to another root than the one signed "
                "in the checkpoint."
            )

    def _changed_entry(self, tile: int) -> str:
        path, bundle = self._path(0, tile), bundle_path(tile, self._width(0, tile))
        published = self._published(0, tile) or []
        ours = _split(self._ours[0, tile])
        at = next(at for at, one in enumerate(published) if one != ours[at])
        index = tile * WIDTH + at
        if self._is_proven(index, published[at]):
            return (
                f"Entry {index} in the entry bundle {bundle} was changed: it does not have the "
                "hash that leads to the signed root."
            )
        return f"The entry bundle {bundle} and the hash tile {path} contradict each other."

    def _is_proven(self, index: int, leaf: bytes) -> bool:
        try:
            path = Tree(self._read, self.size).inclusion_path(index)
            verify_inclusion(leaf, index, self.size, path, self.root)
        except (ProofError, TileError):
            return False
        return True


def _split(tile: bytes) -> list[bytes]:
    return [tile[at : at + HASH_SIZE] for at in range(0, len(tile), HASH_SIZE)]


def _wrong_tile(path: str) -> str:
    return (
        f"The hash tile {path} is wrong: the entries, which lead to the signed root, give another."
    )
