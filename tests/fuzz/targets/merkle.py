"""Proofs over a known tree: the true path alone proves, and no number breaks the arithmetic.

Two numbers of eight bytes each, then the path: two bytes a hash, which name a node of the tree.
"""

import struct
from collections.abc import Sequence
from functools import cache

from stimme.engines.translog import (
    ProofError,
    consistency_path,
    inclusion_path,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from stimme.engines.translog.merkle import levels_of

LEAVES = [leaf_hash(b"%d" % number) for number in range(64)]
NUMBERS = struct.Struct(">QQ")


@cache
def tree(size: int) -> list[Sequence[bytes]]:
    return levels_of(LEAVES[:size])


@cache
def root(size: int) -> bytes:
    return root_of(LEAVES[:size])


def hash_at(level: int, index: int, size: int) -> bytes:
    levels = tree(size)
    hashes = levels[level % len(levels)]
    return hashes[index % len(hashes)]


def includes(index: int, size: int, path: list[bytes]) -> bool:
    leaf = LEAVES[index % len(LEAVES)]
    try:
        verify_inclusion(leaf, index, size, path, root(min(size, 64)))
    except ProofError:
        return False
    return True


def extends(old: int, new: int, path: list[bytes]) -> bool:
    try:
        verify_consistency(old, new, path, root(min(old, 64)), root(min(new, 64)))
    except ProofError:
        return False
    return True


def check(data: bytes) -> None:
    if len(data) < NUMBERS.size:
        return
    first, size = NUMBERS.unpack_from(data)
    names = data[NUMBERS.size :][:128]
    small = min(size, len(LEAVES)) or 1
    pairs = zip(names[::2], names[1::2], strict=False)
    path = [hash_at(level, index, small) for level, index in pairs]
    if not 0 < size <= len(LEAVES):
        assert not includes(first, size, path)
        assert not extends(first, size, path) or (first in (0, size) and not path)
        return
    true = first < size and path == inclusion_path(LEAVES[:size], first)
    assert includes(first, size, path) == true
    true = first <= size and path == consistency_path(LEAVES[:size], first)
    assert extends(first, size, path) == true
