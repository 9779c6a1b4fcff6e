"""What the next sealing takes, and in which order it stands in the log."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.conf import settings
from django.db.models import F, Min
from django.utils import timezone

from stimme.apps.accounts.levels import Level
from stimme.apps.accounts.selectors import accounts_by_level
from stimme.apps.ballot.models import Entry, ImportedSigners, PendingLine
from stimme.engines.translog import RollLine, hour_of, leaf_hash

MOST_AT_ONCE = 10_000  # lines in one commit: bounds memory, and how long voters wait for it

_FIRST = {"cause", "roll"}
_LAST = {"close", "tally"}


class NextLine(NamedTuple):
    """A line to be sealed. The first three say its place: their order is that of the log.

    `rank` is 0 for what opens, 1 for what seats do, 2 for what ends; `turn` counts the lines of
    one seat. `pending` is the line's row, 0 for a line made just now.
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
    if earliest - time.time() <= 2 * settings.STIMME.seal_interval:
        return True
    seats = votes.values("cid", "p").distinct()[: settings.STIMME.seal_min_batch]
    return len(seats) == settings.STIMME.seal_min_batch


def next_lines() -> list[NextLine]:
    """Lines to be sealed now, in the order of the log; none when nothing is pending.

    A cause comes before its votes and its end after them, since R3 counts what lies between.
    Votes come in batches with at most one line of each seat, each batch in the order of its
    hashes: so a seat's lines keep their order and nothing else tells who came when.
    """
    pending = list(
        PendingLine.objects.order_by("id").values_list("id", "cid", "p", "kind", "text")[
            :MOST_AT_ONCE
        ]
    )
    if not pending:
        return []
    return sorted([*_placed(pending), *_roll_lines()])


def _placed(pending: Iterable[tuple[int, str, str, str, str]]) -> Iterator[NextLine]:
    taken: Counter[tuple[str, str]] = Counter()
    for pk, cid, p, kind, text in pending:
        rank = 0 if kind in _FIRST else 2 if kind in _LAST else 1
        turn = taken[cid, p]
        if p:
            taken[cid, p] = turn + 1
        yield NextLine(rank, turn, leaf_hash(text.encode()), pk, cid, kind, text)


def _roll_lines() -> list[NextLine]:
    """A `roll` line for every level whose number of accounts has changed since its last one."""
    numbers = accounts_by_level()
    numbers[Level.IMPORTED] = sum(ImportedSigners.objects.values_list("number", flat=True))
    now = hour_of(timezone.now())
    lines = [
        str(RollLine(str(level), number, now))
        for level, number in sorted(numbers.items())
        if number != _last_roll(level)
    ]
    return [NextLine(0, 0, leaf_hash(text.encode()), 0, "", "roll", text) for text in lines]


def _last_roll(level: int) -> int:
    """Number of accounts in the newest `roll` line of a level; 0 without one.

    The lines of no cause are few and have an index; all others would have to be looked at.
    """
    rolls = Entry.objects.filter(cid="", kind="roll", text__startswith=f"s1 roll {level} ")
    last = rolls.order_by(F("log_index").desc()).values_list("text", flat=True).first()
    return int(last.split(" ")[3]) if last else 0
