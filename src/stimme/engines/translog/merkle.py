"""Merkle trees and their proofs (RFC 6962 section 2.1, verification as in RFC 9162 section 2.1).

All hashes are 32 raw bytes. Sizes count leaves; indices start at 0.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from .errors import ProofError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def next_level(hashes: Sequence[bytes]) -> list[bytes]:
    """The parents of one level; a last hash without a sibling moves up unchanged."""
    parents = [
        sha256(b"\x01" + left + right).digest()
        for left, right in zip(hashes[::2], hashes[1::2], strict=False)
    ]
    if len(hashes) % 2:
        parents.append(hashes[-1])
    return parents


def levels_of(leaf_hashes: Sequence[bytes]) -> list[Sequence[bytes]]:
    """The tree from its leaves up to its root."""
    levels: list[Sequence[bytes]] = [leaf_hashes]
    while len(levels[-1]) > 1:
        levels.append(next_level(levels[-1]))
    return levels


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    if not leaf_hashes:
        return EMPTY_ROOT
    return levels_of(leaf_hashes)[-1][0]


def climb(level: int, index: int, size: int, node: Callable[[int, int], bytes]) -> list[bytes]:
    """The siblings from node (level, index) up to the root of a tree of `size` leaves.

    `node(level, index)` gives the hash over leaves [index << level, (index + 1) << level),
    cut off at `size`.
    """
    path = []
    last = (size - 1) >> level
    while last:
        if index ^ 1 <= last:
            path.append(node(level, index ^ 1))
        level, index, last = level + 1, index >> 1, last >> 1
    return path


def consistency_climb(old_size: int, size: int, node: Callable[[int, int], bytes]) -> list[bytes]:
    """The consistency proof from `old_size` to `size`; `node` as in `climb`.

    Raises ProofError unless 0 <= old_size <= size.
    """
    if not 0 <= old_size <= size:
        raise ProofError(f"No consistency proof leads from size {old_size} to size {size}.")
    if old_size in (0, size):
        return []
    level = (old_size & -old_size).bit_length() - 1
    index = (old_size >> level) - 1
    # The old root itself is known to the verifier when it is a whole subtree.
    start = [node(level, index)] if index else []
    return start + climb(level, index, size, node)


def _check_index(index: int, size: int) -> None:
    if not 0 <= index < size:
        raise ProofError(f"Index {index} lies outside a tree of {size} leaves.")


def inclusion_path(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The siblings of one leaf, leaf to root. Raises ProofError if there is no such leaf."""
    _check_index(index, len(leaf_hashes))
    levels = levels_of(leaf_hashes)
    return climb(0, index, len(leaf_hashes), lambda level, at: levels[level][at])


def consistency_path(leaf_hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """The proof that the first `old_size` leaves are the start of the tree.

    Empty for old_size 0 and for the whole size. Raises ProofError for any other size outside.
    """
    levels = levels_of(leaf_hashes)
    return consistency_climb(old_size, len(leaf_hashes), lambda level, at: levels[level][at])


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(one) != HASH_SIZE for one in hashes):
        raise ProofError("A hash in the proof does not have 32 bytes.")


def _check_root(found: bytes, expected: bytes, which: str) -> None:
    if found != expected:
        raise ProofError(f"The proof does not lead to the {which}.")


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> None:
    """Raise ProofError unless `path` proves leaf hash `leaf` at `index` below `root`."""
    _check_index(index, size)
    _check_hashes([leaf, *path])
    found, at, last = leaf, index, size - 1
    for sibling in path:
        if not last:
            raise ProofError("The inclusion proof is too long.")
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            at, last = _skip_lone(at, last)
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofError("The inclusion proof is too short.")
    _check_root(found, root, "root")


def _skip_lone(at: int, last: int) -> tuple[int, int]:
    """Pass the levels on which the node has no sibling and moves up unchanged."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def verify_consistency(
    old_size: int, new_size: int, path: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Raise ProofError unless the tree of `old_root` is the start of that of `new_root`.

    Trivial sizes: the empty tree is the start of any tree, and a tree of itself, by an empty
    proof alone.
    """
    _check_hashes(path)
    if not 0 <= old_size <= new_size:
        raise ProofError(f"A log cannot go from size {old_size} to size {new_size}.")
    if old_size in (0, new_size):
        _verify_trivial(old_size, new_size, path, old_root, new_root)
        return
    old, new = _fold_consistency(old_size, new_size, path, old_root)
    _check_root(old, old_root, "old root")
    _check_root(new, new_root, "new root")


def _verify_trivial(
    old_size: int, new_size: int, path: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    if path:
        raise ProofError("A consistency proof between these sizes must be empty.")
    if old_size == 0:
        _check_root(old_root, EMPTY_ROOT, "root of the empty tree")
    if old_size == new_size:
        _check_root(old_root, new_root, "same root at the same size")


def _fold_consistency(
    old_size: int, new_size: int, path: Sequence[bytes], old_root: bytes
) -> tuple[bytes, bytes]:
    """The old and the new root that the proof leads to (RFC 9162 section 2.1.4.2)."""
    level = (old_size & -old_size).bit_length() - 1
    at, last = (old_size >> level) - 1, (new_size - 1) >> level
    hashes = list(path) if at else [old_root, *path]
    if not hashes:
        raise ProofError("The consistency proof is empty.")
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if not last:
            raise ProofError("The consistency proof is too long.")
        if at & 1 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            at, last = _skip_lone(at, last)
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofError("The consistency proof is too short.")
    return old, new
