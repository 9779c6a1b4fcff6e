"""What the next sealing takes, and in which order it stands in the log."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from django.conf import settings
from django.db.models import Min
from django.utils import timezone

from stimme.apps.ballot.models import LogHead, PendingLine
from stimme.apps.ballot.rolls import is_first_of_day, roll_lines, start_of_last_day
from stimme.apps.ballot.tallying import changed_boxes, due_tally
from stimme.engines.translog import RollLine, TallyLine, hour_of, leaf_hash

MOST_AT_ONCE = 10_000  # lines in one commit: bounds memory, and how long voters wait for it

_Row = tuple[int, str, str, str, str]  # id, cid, p, kind, text
_RANKS = {"cause": 0, "roll": 0, "tally": 2, "close": 3}
_OF_SEATS = 1


class NextLine(NamedTuple):
    """A line to be sealed. The first three say its place: their order is that of the log.

    `rank` is 0 for what opens, 1 for what seats do, 2 for counts, 3 for what ends; `turn` counts
    the lines of one seat. `pending` is the line's row, 0 for a line made just now.
    """

    rank: int
    turn: int
    leaf: bytes
    pending: int
    cid: str
    kind: str
    text: str


def is_due() -> bool:
    """Whether the pending lines hide their voters well enough, or cannot wait.

    What hides a voter is the number of seats: one person changing often is no crowd.
    """
    votes = PendingLine.objects.filter(kind="vote")
    earliest: int | None = votes.aggregate(earliest=Min("deadline"))["earliest"]
    if earliest is None:
        return PendingLine.objects.exists()
    left = earliest - time.time()
    # More than was ever promised is left only where the clock has gone back meanwhile.
    if not 2 * settings.STIMME.seal_interval < left <= settings.STIMME.promise_deadline:
        return True
    seats = votes.values("cid", "p").distinct()[: settings.STIMME.seal_min_batch]
    return len(seats) == settings.STIMME.seal_min_batch


def next_lines() -> list[NextLine]:
    """Lines to be sealed now, in the order of the log; none when nothing is pending.

    A cause comes before its votes and its end after them, since R3 counts what lies between.
    Votes come in batches with at most one line of each seat, each batch in the order of its
    hashes: so a seat's lines keep their order and nothing else tells who came when.
    """
    rows = PendingLine.objects.order_by("id").values_list("id", "cid", "p", "kind", "text")
    taken = list(_without_early_closes(rows[:MOST_AT_ONCE]))
    if not taken:
        return []
    return sorted([*_placed(taken), *map(_placed_now, _lines_of_ours(taken))])


def _without_early_closes(pending: Iterable[_Row]) -> Iterator[_Row]:
    """Leave the end of a box whose seats have lines in this batch for the next one.

    So the count that stands in the log before the end covers every vote of the box.
    """
    voted = set()
    for row in pending:
        _pk, cid, p, kind, _text = row
        if kind == "close" and cid in voted:
            continue
        if p:
            voted.add(cid)
        yield row


def _placed(pending: Iterable[_Row]) -> Iterator[NextLine]:
    taken: Counter[tuple[str, str]] = Counter()
    for pk, cid, p, kind, text in pending:
        turn = taken[cid, p]
        if p:
            taken[cid, p] = turn + 1
        rank = _RANKS.get(kind, _OF_SEATS)
        yield NextLine(rank, turn, leaf_hash(text.encode()), pk, cid, kind, text)


def _placed_now(line: RollLine | TallyLine) -> NextLine:
    cid, text = line.cid if isinstance(line, TallyLine) else "", str(line)
    return NextLine(_RANKS[line.WORD], 0, leaf_hash(text.encode()), 0, cid, line.WORD, text)


def _lines_of_ours(taken: Sequence[_Row]) -> Iterator[RollLine | TallyLine]:
    """What the operator says of accounts and counts, in the sealing of these lines."""
    voted = {cid for _, cid, p, _, _ in taken if p}
    counted = {cid for _, cid, _, kind, _ in taken if kind == "close"}
    size, hour = LogHead.objects.get(id=1).size, hour_of(timezone.now())
    if is_first_of_day(hour):
        counted.update(changed_boxes(start_of_last_day(), size))
    yield from roll_lines(hour=hour, cids=voted, later=lambda: left_for_next(taken))
    for cid in sorted(counted):
        if tally := due_tally(cid, size):
            yield tally


def left_for_next(taken: Sequence[_Row]) -> int | None:
    """How many pending lines are not taken; None for so many that counting them takes long."""
    if len(taken) < MOST_AT_ONCE // 2:
        return PendingLine.objects.count() - len(taken)
    return None
