"""Where a vote stands among the votes of its box, as the public log tells it: to its own voter."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.core.cache import caches
from django.db.models import QuerySet
from django.db.models.functions import Substr

from stimme.apps.ballot.entries import entry_of_line
from stimme.apps.ballot.models import Entry, PendingLine
from stimme.apps.ballot.tables import Held
from stimme.engines.translog import VoteLine, parse_hour

# Lines sealed together that are looked at, on either side of a vote. Among more of them a place
# says nothing.
_MOST = 20_000
# In a vote line, counted from 1 in characters: "s1 vote <cid:22> <p:22> <seq> …".
_P, _P_LENGTH = 32, 22
_SEQ = 55


@dataclass(frozen=True, slots=True)
class Place:
    """Among the first votes of the box, somewhere from `first` to `last`, both counted from 1.

    Lines that are sealed together stand in random order, so more than that nobody can know.
    """

    first: int
    last: int

    @property
    def is_exact(self) -> bool:
        return self.first == self.last


@dataclass(frozen=True, slots=True)
class Said:
    """One vote line of a seat: what it chose, and the beginning of the hour."""

    choice: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnLines:
    """All that one seat has said, oldest first, and where its first line stands in the log."""

    said: list[Said]
    # None before it is sealed.
    index: int | None


def own_lines(seat: Held) -> OwnLines:
    """Read what a seat has said since its first vote: in one query, or three if it changed."""
    if seat.seq == 0:
        entry = entry_of_line(seat.text)
        return OwnLines([_said(seat.text)], entry.log_index if entry else None)
    sealed = list(
        _votes(seat.cid)
        .annotate(p=Substr("text", _P, _P_LENGTH))
        .filter(p=seat.p)
        .values_list("log_index", "text")
    )
    pending = PendingLine.objects.filter(cid=seat.cid, p=seat.p, kind="vote").order_by("id")
    texts = [*(text for _, text in sealed), *pending.values_list("text", flat=True)]
    return OwnLines(list(map(_said, texts)), sealed[0][0] if sealed else None)


def _said(text: str) -> Said:
    line = VoteLine.parse(text)
    return Said(line.choice, parse_hour(line.hour))


def place_of(cid: str, index: int) -> Place | None:
    """Return where the first vote at this index of the log stands in its box.

    None where it was sealed with so many others that its place would say nothing.
    """
    start, stop = _first_sealed_with(index), _last_sealed_with(index)
    if start is None or stop is None:
        return None
    before = _firsts_before(cid, start)
    together = _firsts(cid).filter(log_index__range=(start, stop)).count()
    return Place(before + 1, before + together)


def _votes(cid: str) -> "QuerySet[Entry]":
    return Entry.objects.filter(cid=cid, kind="vote").order_by("log_index")


def _firsts(cid: str) -> "QuerySet[Entry]":
    return _votes(cid).annotate(seq=Substr("text", _SEQ, 2)).filter(seq="0 ")


def _firsts_before(cid: str, index: int) -> int:
    """How many there are before an index: the same for all who were sealed there, and for ever."""
    cache, key = caches["log"], f"first-votes:{cid}:{index}"
    number: int | None = cache.get(key)
    if number is None:
        number = _firsts(cid).filter(log_index__lt=index).count()
        cache.set(key, number)
    return number


def _first_sealed_with(index: int) -> int | None:
    """Lines sealed together ascend by leaf hash, so they begin where that falls."""
    before = Entry.objects.filter(log_index__lte=index).order_by("-log_index")
    rows = list(before.values_list("log_index", "code")[: _MOST + 1])
    found = (here for (here, code), (_, earlier) in pairwise(_unsigned(rows)) if earlier > code)
    return next(found, 0 if len(rows) <= _MOST else None)


def _last_sealed_with(index: int) -> int | None:
    after = Entry.objects.filter(log_index__gte=index).order_by("log_index")
    rows = list(after.values_list("log_index", "code")[: _MOST + 1])
    found = (here for (here, code), (_, later) in pairwise(_unsigned(rows)) if later < code)
    return next(found, rows[-1][0] if len(rows) <= _MOST else None)


def _unsigned(rows: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Leaf hashes ascend as bytes, which the database keeps as signed numbers."""
    return [(index, code % 2**64) for index, code in rows]
