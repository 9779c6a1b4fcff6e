import pytest
from hypothesis import given
from hypothesis import strategies as st

from stimme.engines.translog import (
    EMPTY_ROOT,
    ProofError,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.unit.translog.small_log import flipped

SIZES = st.integers(1, 70)


def leaves(size: int) -> list[bytes]:
    return [leaf_hash(b"%d" % index) for index in range(size)]


def flips(hashes: list[bytes]) -> list[list[bytes]]:
    """The hashes with each of their bits flipped, one at a time."""
    return [
        [*hashes[:at], flipped(one, bit), *hashes[at + 1 :]]
        for at, one in enumerate(hashes)
        for bit in range(256)
    ]


def test_the_root_of_three_leaves_is_that_of_rfc_6962() -> None:
    first, second, third = leaves(3)
    assert root_of([]) == EMPTY_ROOT
    assert root_of([first]) == first
    assert root_of([first, second, third]) == node_hash(node_hash(first, second), third)


@given(SIZES)
def test_every_leaf_is_proven_by_its_path_alone(size: int) -> None:
    hashes = leaves(size)
    root = root_of(hashes)
    for index in range(size):
        path = inclusion_path(hashes, index)
        verify_inclusion(hashes[index], index, size, path, root)
        for other in range(size):
            if other != index:
                with pytest.raises(ProofError):
                    verify_inclusion(hashes[index], other, size, path, root)


@given(st.data())
def test_every_prefix_is_proven_by_its_consistency_path(data: st.DataObject) -> None:
    size = data.draw(SIZES)
    old = data.draw(st.integers(0, size))
    hashes = leaves(size)
    path = consistency_path(hashes, old)
    verify_consistency(old, size, path, root_of(hashes[:old]), root_of(hashes))
    for wrong in (path[:-1], [*path, hashes[0]]):
        if wrong != path:
            with pytest.raises(ProofError):
                verify_consistency(old, size, wrong, root_of(hashes[:old]), root_of(hashes))


@pytest.mark.parametrize("size", [1, 2, 7, 12])
def test_one_flipped_bit_breaks_an_inclusion_proof(size: int) -> None:
    hashes = leaves(size)
    root = root_of(hashes)
    for index in range(size):
        path = inclusion_path(hashes, index)
        for leaf, top, *wrong in flips([hashes[index], root, *path]):
            with pytest.raises(ProofError):
                verify_inclusion(leaf, index, size, wrong, top)


@pytest.mark.parametrize("old, size", [(1, 2), (3, 7), (4, 7), (6, 12), (8, 12)])
def test_one_flipped_bit_breaks_a_consistency_proof(old: int, size: int) -> None:
    hashes = leaves(size)
    path = consistency_path(hashes, old)
    for before, after, *wrong in flips([root_of(hashes[:old]), root_of(hashes), *path]):
        with pytest.raises(ProofError):
            verify_consistency(old, size, wrong, before, after)


@pytest.mark.parametrize("old, size", [(-1, 3), (4, 3)])
def test_no_log_shrinks_or_starts_below_zero(old: int, size: int) -> None:
    with pytest.raises(ProofError):
        consistency_path(leaves(3), old)
    with pytest.raises(ProofError):
        verify_consistency(old, size, [], EMPTY_ROOT, EMPTY_ROOT)


@pytest.mark.parametrize("index", [-1, 3])
def test_a_leaf_outside_the_tree_has_no_proof(index: int) -> None:
    hashes = leaves(3)
    with pytest.raises(ProofError):
        inclusion_path(hashes, index)
    with pytest.raises(ProofError):
        verify_inclusion(hashes[0], index, 3, inclusion_path(hashes, 0), root_of(hashes))


def test_trivial_sizes_need_an_empty_proof_and_the_known_roots() -> None:
    one, two = leaves(2)
    verify_consistency(0, 2, [], EMPTY_ROOT, one)
    verify_consistency(2, 2, [], one, one)
    for old, path, before, after in (
        (0, [one], EMPTY_ROOT, one),
        (0, [], one, one),
        (2, [], one, two),
        (2, [one], one, one),
    ):
        with pytest.raises(ProofError):
            verify_consistency(old, 2, path, before, after)


def test_a_hash_of_another_length_is_refused() -> None:
    one, two = leaves(2)
    with pytest.raises(ProofError, match="32 bytes"):
        verify_inclusion(one, 0, 2, [two + b"\x00"], node_hash(one, two + b"\x00"))
