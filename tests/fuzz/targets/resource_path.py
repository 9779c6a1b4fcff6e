"""A path below the log's prefix: one spelling, and what it names exists in some log."""

from stimme.engines.translog import (
    WIDTH,
    TileError,
    bundle_path,
    parse_resource_path,
    tile_path,
)


def check(data: bytes) -> None:
    path = data.decode("utf-8", "surrogateescape")
    try:
        level, number, width = parse_resource_path(path)
    except TileError:
        return
    assert 1 <= width <= WIDTH
    assert level is None or 0 <= level < 8
    again = bundle_path(number, width) if level is None else tile_path(level, number, width)
    assert again == path
    assert ".." not in path
