"""The inner step of every vote: any number of votes, one transaction, one promise."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction

from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.errors import (
    BallotError,
    BoxClosed,
    BoxSuperseded,
    BoxSuspended,
    NothingToWithdraw,
    UnknownBox,
)
from stimme.apps.ballot.models import Box, Line, Promise, Seat, State, Tally
from stimme.apps.ballot.seats import SeatKey, seats_of
from stimme.engines.translog import VoteLine, hour_of, leaf_hash


@dataclass(frozen=True, slots=True)
class Vote:
    cid: str
    pseudonym: str
    choice: Choice
    level: int
    at: datetime

    @property
    def seat(self) -> SeatKey:
        return self.cid, self.pseudonym


@dataclass(frozen=True, slots=True)
class Cast:
    """A vote that counts. `changed` is false when the seat already held this choice."""

    cid: str
    pseudonym: str
    seq: int
    choice: Choice
    changed: bool


@dataclass(slots=True)
class _Batch:
    """What a batch will write, worked out before anything is written."""

    boxes: dict[str, Box]
    seats: dict[SeatKey, Seat]
    changed: dict[SeatKey, Seat] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    # (cid, level, choice) -> how many more live seats
    deltas: Counter[tuple[str, int, str]] = field(default_factory=Counter)

    def take(self, vote: Vote) -> Cast | BallotError:
        seat = self.seats.get(vote.seat)
        if refusal := _refusal(self.boxes.get(vote.cid), seat, vote.choice):
            return refusal
        if seat and seat.choice == vote.choice:
            return Cast(*vote.seat, seat.seq, vote.choice, changed=False)
        return self._change(seat, vote)

    def _change(self, seat: Seat | None, vote: Vote) -> Cast:
        if seat:
            self.deltas[seat.cid, seat.level, seat.choice] -= 1
        self.deltas[vote.cid, vote.level, vote.choice] += 1
        seq = seat.seq + 1 if seat else 0
        new = Seat(cid=vote.cid, p=vote.pseudonym, seq=seq, choice=vote.choice, level=vote.level)
        self.seats[vote.seat] = self.changed[vote.seat] = new
        self.lines.append(_line(vote, seq))
        return Cast(*vote.seat, seq, vote.choice, changed=True)


@transaction.atomic
def cast_batch(votes: Sequence[Vote]) -> list[Cast | BallotError]:
    """Take votes in order and answer each; all that are counted share one commit.

    A refused vote leaves nothing behind and does not disturb the others. Rows of a box are
    locked, in the order of their ids, so concurrent batches queue instead of conflicting.
    """
    cids = sorted({vote.cid for vote in votes})
    boxes = Box.objects.select_for_update().filter(cid__in=cids).order_by("cid")
    batch = _Batch({box.cid: box for box in boxes}, seats_of({vote.seat for vote in votes}))
    results = [batch.take(vote) for vote in votes]
    if batch.lines:
        _store(batch)
    return results


def _refusal(box: Box | None, seat: Seat | None, choice: Choice) -> BallotError | None:
    if box is None:
        return UnknownBox()
    if box.state == State.CLOSED:
        return BoxClosed()
    if choice == Choice.WITHDRAWN:
        return None if seat else NothingToWithdraw()
    if box.state == State.SUSPENDED:
        return BoxSuspended()
    return BoxSuperseded() if box.state == State.SUPERSEDED else None


def _line(vote: Vote, seq: int) -> Line:
    text = VoteLine(
        vote.cid, vote.pseudonym, seq, vote.choice.value, str(vote.level), hour_of(vote.at)
    )
    return Line(cid=vote.cid, p=vote.pseudonym, seq=seq, kind="vote", text=str(text))


def _store(batch: _Batch) -> None:
    leaves = b"".join(leaf_hash(line.text.encode()) for line in batch.lines)
    deadline = int(time.time()) + settings.STIMME.promise_deadline
    promise = Promise.objects.create(deadline=deadline, leaves=leaves)
    for index, line in enumerate(batch.lines):
        line.promise, line.promise_index = promise, index
    Line.objects.bulk_create(batch.lines)
    Seat.objects.bulk_create(
        batch.changed.values(),
        update_conflicts=True,
        unique_fields=["cid", "p"],
        update_fields=["seq", "choice", "level"],
    )
    _count(batch.deltas)


COLUMNS = {
    Choice.FOR: "votes_for",
    Choice.AGAINST: "votes_against",
    Choice.WITHDRAWN: "withdrawn",
}


def _count(deltas: Mapping[tuple[str, int, str], int]) -> None:
    """Move the tallies; the rows are safe under the lock of their box."""
    rows: dict[tuple[str, int], Tally] = {}
    for tally in Tally.objects.filter(cid__in={cid for cid, _, _ in deltas}):
        tally.pk = None  # so that one statement writes old and new rows, by box and level
        rows[tally.cid, tally.level] = tally
    for (cid, level, choice), delta in deltas.items():
        row = rows.setdefault((cid, level), Tally(cid=cid, level=level))
        column = COLUMNS[Choice(choice)]
        setattr(row, column, getattr(row, column) + delta)
    Tally.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["cid", "level"],
        update_fields=COLUMNS.values(),
    )
