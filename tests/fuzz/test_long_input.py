"""What is far too long is answered as soon as what is short: time grows with length alone."""

import re
import time
from collections.abc import Iterator

import pytest

from stimme.engines.translog import (
    MAX_RESOURCE,
    RequestError,
    TileError,
    build_request,
    decode_bundle,
    parse_request,
    sign,
)
from stimme.engines.translog.notes import MAX_NOTE
from tests.fuzz.places import CORPUS, TARGETS, check_of
from tests.unit.translog.small_log import EXAMPLE, LOG_KEY, SmallLog

LENGTH = 1_200_000  # above every limit that a parser sets itself
SECONDS = 3  # of computing; what is quadratic takes minutes


def inflated(seed: bytes) -> Iterator[bytes]:
    """One part of the seed at a time, repeated: words, white space, lines, all of it."""
    parts = re.findall(rb"\s+|\S+", seed[:2000])[:4]
    lines = [line for line in seed.splitlines(keepends=True)[:2] if line not in parts]
    for part in [*parts, *lines, seed]:
        before, _, after = seed.partition(part)
        yield before + part * (LENGTH // len(part)) + after


@pytest.mark.parametrize("target", TARGETS)
def test_no_part_repeated_makes_a_parser_slow(target: str) -> None:
    check = check_of(target)
    longest = max(CORPUS.glob(f"{target}/*"), key=lambda path: path.stat().st_size)
    for data in inflated(longest.read_bytes()):
        began = time.process_time()
        check(data)
        assert time.process_time() - began < SECONDS, data[:200]


def test_a_bundle_of_millions_of_empty_entries_is_refused_at_once() -> None:
    began = time.process_time()
    with pytest.raises(TileError):
        decode_bundle(bytes(MAX_RESOURCE), 256, "tile/entries/000")
    assert time.process_time() - began < 0.5


def test_a_witness_reads_a_request_to_its_end_or_not_at_all() -> None:
    content = parse_request(build_request(0, [], SmallLog.of(EXAMPLE).checkpoints[0])).content
    short = build_request(0, [], sign(content.encode() + "x\n", [LOG_KEY]))
    extension = "x" * (MAX_NOTE - len(short) + 1)
    longest = build_request(0, [], sign(f"{content.encode()}{extension}\n", [LOG_KEY]))
    assert len(longest) == MAX_NOTE
    assert parse_request(longest).content.extensions == (extension,)
    with pytest.raises(RequestError):
        parse_request(longest + b"\n")
