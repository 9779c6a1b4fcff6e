import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stimme.engines.translog import (
    EMPTY_ROOT,
    Edge,
    MissingResource,
    ProofError,
    TileError,
    Tree,
    append,
    bundle_path,
    consistency_path,
    inclusion_path,
    leaf_hash,
    parse_resource_path,
    resources_for,
    root_of,
    tile_path,
)
from tests.unit.translog.small_log import SmallLog

ENTRIES = [b"entry %d" % index for index in range(70_000)]
HASHES = [leaf_hash(entry) for entry in ENTRIES[:1000]]


def nothing(path: str) -> bytes:
    raise FileNotFoundError(path)


def written(sizes: list[int]) -> dict[str, bytes]:
    """The files of a log that grew by these sizes."""
    log = SmallLog()
    for end in sizes:
        log.seal([entry.decode() for entry in ENTRIES[log.size : end]])
    del log.files["checkpoint"]
    return log.files


def test_paths_group_digits_by_three() -> None:
    assert tile_path(0, 1_234_067, 5) == "tile/0/x001/x234/067.p/5"
    assert tile_path(3, 67) == "tile/3/067"
    assert bundle_path(1000) == "tile/entries/x001/000"


@given(st.integers(0, 7), st.integers(0, 10**12), st.integers(1, 256))
def test_paths_are_read_back(level: int, number: int, width: int) -> None:
    assert parse_resource_path(tile_path(level, number, width)) == (level, number, width)
    assert parse_resource_path(bundle_path(number, width)) == (None, number, width)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "checkpoint",
        "tile/0/67",
        "tile/0/x067",
        "tile/0/x000/067",
        "tile/0/001/067",
        "tile/0/067/",
        "tile/0/067.p/0",
        "tile/0/067.p/256",
        "tile/0/067.p/05",
        "tile/0/067.p/5\n",
        "tile/8/067",
        "tile/00/067",
        "tile/0/../067",
        "tile/0/٠٦٧",
        "/tile/0/067",
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(TileError):
        parse_resource_path(path)


@settings(max_examples=25)
@given(st.lists(st.integers(0, 1000), max_size=6))
def test_appending_in_parts_gives_what_appending_at_once_gives(cuts: list[int]) -> None:
    parts = written([*sorted(cuts), 1000])
    whole = append(nothing, 0, ENTRIES[:1000])
    assert parts.items() >= whole.resources.items()
    assert whole.root == root_of(HASHES)
    extra = [parse_resource_path(path).width for path in parts.keys() - whole.resources.keys()]
    assert 256 not in extra


def test_a_tile_above_is_filled_when_its_256_tiles_are() -> None:
    appended = append(nothing, 0, ENTRIES)
    full = {path for path in appended.resources if ".p/" not in path}
    assert len(full) == 2 * (70_000 // 256) + 1
    assert appended.resources["tile/1/000"][:32] == root_of(HASHES[:256])
    assert "tile/1/001.p/17" in appended.resources
    assert "tile/2/000.p/1" in appended.resources
    assert appended.root == root_of([leaf_hash(entry) for entry in ENTRIES])


def test_appending_reads_the_right_edge_alone() -> None:
    log = SmallLog(files=written([70_000]))
    asked: list[str] = []

    def read(path: str) -> bytes:
        asked.append(path)
        return log.read(path)

    append(read, 70_000, ENTRIES[:300])
    assert asked == [
        "tile/entries/273.p/112",
        "tile/0/273.p/112",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ]


def test_appending_nothing_writes_nothing() -> None:
    files = written([300])
    appended = append(files.__getitem__, 300, [])
    assert (appended.size, appended.root, appended.resources) == (300, root_of(HASHES[:300]), {})
    assert append(nothing, 0, []).root == EMPTY_ROOT


@settings(max_examples=25)
@given(st.integers(1, 1000), st.data())
def test_a_tree_proves_what_its_leaves_give(size: int, data: st.DataObject) -> None:
    files = append(nothing, 0, ENTRIES[:size]).resources
    tree = Tree(files.__getitem__, size)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    assert tree.root() == root_of(HASHES[:size])
    assert tree.leaf_hash(index) == HASHES[index]
    assert tree.inclusion_path(index) == inclusion_path(HASHES[:size], index)
    assert tree.consistency_path(old) == consistency_path(HASHES[:size], old)
    assert list(tree.entries(index, old)) == ENTRIES[index:old]


def test_a_tree_refuses_what_lies_outside() -> None:
    tree = Tree(written([3]).__getitem__, 3)
    for ask in (tree.leaf_hash, tree.inclusion_path):
        for index in (-1, 3):
            with pytest.raises(ProofError):
                ask(index)


def test_full_resources_stand_in_for_partial_ones() -> None:
    files = written([256])
    log = SmallLog(files=files)
    tree = Tree(log.read, 100)
    assert tree.root() == root_of(HASHES[:100])
    assert list(tree.entries()) == ENTRIES[:100]


@pytest.mark.parametrize("path", ["tile/0/001.p/44", "tile/entries/001.p/44"])
def test_missing_truncated_and_long_resources_are_named(path: str) -> None:
    log = SmallLog(files=written([300]))
    good = log.files[path]
    for bad in (good[:-1], good[:-32], good + b"\x00", good + good, b"\xff" + good[1:], b""):
        if path.startswith("tile/0") and bad.startswith(b"\xff"):
            continue
        log.files[path] = bad
        with pytest.raises(TileError, match=path):
            _ = Tree(log.read, 300).root(), list(Tree(log.read, 300).entries())
    del log.files[path]
    with pytest.raises(MissingResource, match=path):
        _ = Tree(log.read, 300).root(), list(Tree(log.read, 300).entries())


def test_an_entry_too_long_for_a_bundle_is_refused() -> None:
    append(nothing, 0, [b"x" * 65_535])
    with pytest.raises(TileError, match="too long"):
        append(nothing, 0, [b"x" * 65_536])


def test_recovery_renders_again_what_the_published_sizes_need() -> None:
    files = written([1, 255, 300, 700, 1000])
    again = dict(resources_for(ENTRIES[:1000], [1, 255, 300, 700, 1000]))
    assert again == files
    edge = Edge.load(files.__getitem__, 300)
    later = dict(resources_for(ENTRIES[300:1000], [700, 1000], edge=edge))
    assert later.items() <= files.items()
    assert later.keys() >= files.keys() - written([1, 255, 300]).keys()


@pytest.mark.parametrize("path", ["tile/entries/001.p/44", "tile/0/001.p/44", "tile/1/000.p/1"])
def test_nothing_is_appended_to_a_damaged_right_edge(path: str) -> None:
    files = append(nothing, 0, ENTRIES[:300]).resources
    data = files[path]
    files[path] = data[:-1] + bytes([data[-1] ^ 1])
    with pytest.raises(TileError):
        append(files.__getitem__, 300, ENTRIES[300:400], old_root=root_of(HASHES[:300]))


def test_earlier_roots_are_read_from_the_tiles_of_a_later_size() -> None:
    tree = Tree(SmallLog(files=written([70_000])).read, 70_000)
    for size in [0, 1, 2, 3, 255, 256, 257, 600, 999]:
        assert tree.root_at(size) == root_of(HASHES[:size])
    assert tree.root_at(70_000) == tree.root()
    for size in [-1, 70_001]:
        with pytest.raises(ProofError):
            tree.root_at(size)
