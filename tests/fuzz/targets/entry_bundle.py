"""A bundle of entries: whole to its last byte, of as many entries as its name says."""

from io import BytesIO

from stimme.engines.translog import TileError, bundle_path, decode_bundle, encode_bundle
from stimme.engines.translog.resources import WIDTH, read_bundle


def plain(data: bytes) -> list[bytes]:
    """Entry by entry; a broken one at the end is kept as it is."""
    entries, stream = [], BytesIO(data)
    while head := stream.read(2):
        size = head[0] * 256 + head[1] if len(head) > 1 else 0
        entries.append(stream.read(size))
    return entries


def check(data: bytes) -> None:
    """The first byte says how many entries there should be."""
    if not data:
        return
    width, content = data[0] + 1, data[1:]
    files = {bundle_path(0, width): content}
    whole = encode_bundle(plain(content)) == content
    try:
        entries = decode_bundle(content, width, "a bundle")
    except TileError:
        assert not whole or not width <= len(plain(content)) <= WIDTH
    else:
        assert whole
        assert entries == plain(content)[:width]
        assert len(entries) == width
    try:
        assert read_bundle(files.__getitem__, 0, width) == plain(content)
    except TileError:
        assert not whole or len(plain(content)) != width
