"""Does the published log say what the database says? Read only."""

from base64 import b64decode
from collections.abc import Iterator

from stimme.apps.ballot import publisher
from stimme.apps.ballot.entries import log_entries
from stimme.apps.ballot.models import LogHead
from stimme.engines.translog import Checkpoint, Edge, TileError, Tree


def faults_of_log() -> list[str]:
    """Hold every sealed line against both roots, and the files' right edge against theirs.

    Returns a sentence for each difference. Takes about three seconds for a million lines, and
    keeps sealers waiting meanwhile.
    """
    with publisher.exclusively():
        head, published = LogHead.objects.first(), publisher.latest()
        if head is None or published is None:
            return []
        known = Checkpoint(head.origin, head.size, b64decode(head.root))
        return [*_faults_of_lines(sorted([published, known], key=_size)), *_edge_faults(published)]


def faults_of_stretch(start: int, number: int) -> tuple[list[str], int]:
    """The same for the right edge and some lines from `start` on; and where to go on.

    After the last line it begins anew.
    """
    with publisher.exclusively():
        published = publisher.latest()
        if published is None:
            return [], 0
        start = start if start < published.size else 0
        stop = min(start + number, published.size)
        return [*_edge_faults(published), *_stretch_faults(published, start, stop)], stop


def _size(checkpoint: Checkpoint) -> int:
    return checkpoint.size


def _faults_of_lines(checkpoints: list[Checkpoint]) -> Iterator[str]:
    edge = Edge()
    for one in checkpoints:
        for _ in edge.extend(log_entries(edge.size, one.size)):
            pass
        if (edge.size, edge.root()) != (one.size, one.root):
            yield f"The sealed lines of the database do not lead to the root of {one.size} lines."


def _edge_faults(published: Checkpoint) -> Iterator[str]:
    try:
        root = Edge.load(publisher.read, published.size).root()
    except TileError as error:
        yield f"A published file is damaged: {error}"
        return
    if root != published.root:
        yield f"The published files do not lead to the signed root of {published.size} lines."


def _stretch_faults(published: Checkpoint, start: int, stop: int) -> Iterator[str]:
    try:
        same = list(Tree(publisher.read, published.size).entries(start, stop)) == list(
            log_entries(start, stop)
        )
    except TileError as error:
        yield f"A published file is damaged: {error}"
        return
    if not same:
        yield f"Among the lines {start} to {stop - 1}, published ones are not the database’s."
