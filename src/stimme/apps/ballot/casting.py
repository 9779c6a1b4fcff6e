"""The inner step of every vote: any number of votes, one transaction, one promise.

Knows a database connection and nothing else, so that the door runs it without Django.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from stimme.apps.ballot.errors import (
    BallotError,
    BoxClosed,
    BoxSuperseded,
    BoxSuspended,
    ChangedTooOften,
    KeyNeeded,
    NothingToWithdraw,
    Stale,
    UnknownBox,
)
from stimme.apps.ballot.tables import (
    AnswerKey,
    Batch,
    BoxNow,
    Cursor,
    Held,
    ReadingKey,
    SeatKey,
    Tables,
    TallyKey,
)
from stimme.engines.translog import leaf_hash, parse_hour

# Lines that one seat may leave in one hour; withdrawing is always possible. A published rule.
MOST_CHANGES_AN_HOUR = 20
CUSTODY = "-"

# A signed hour may be one before or after the door's, so two of them lie so far apart at most.
_CHOICE_OF_HOURS = timedelta(hours=2)
_WITHDRAWN = "withdrawn"
_IMPORTED = 9  # what a file tells has happened; nobody clicks
_REFUSALS: dict[str, type[BallotError]] = {
    "suspended": BoxSuspended,
    "superseded": BoxSuperseded,
}


class Vote(NamedTuple):
    """A vote of one seat. One bound to a key carries the number that was signed, as `seq`."""

    cid: str
    pseudonym: str
    choice: str
    level: int
    hour: str
    seq: int | None = None
    vk: str = ""
    sig: str = ""
    # As in the ballot paper; `reading` is packed.
    briefed: int = 0
    reading: int = 0
    link: int = 0

    @property
    def seat(self) -> SeatKey:
        return self.cid, self.pseudonym


@dataclass(slots=True)
class Cast:
    """A vote that counts: the line of its seat, promised at `index` of the batch.

    `changed` is false when the seat already held this choice.
    """

    line: str
    seq: int
    choice: str
    changed: bool
    batch: Batch
    index: int


@dataclass(slots=True)
class _Work:
    """What a batch will write, worked out before anything is written."""

    boxes: dict[str, BoxNow]
    seats: dict[SeatKey, Held]
    # Seats that did not exist before, and seats that did.
    new: dict[SeatKey, Held] = field(default_factory=dict)
    moved: dict[SeatKey, Held] = field(default_factory=dict)
    lines: list[Held] = field(default_factory=list)
    deltas: Counter[TallyKey] = field(default_factory=Counter)
    readings: Counter[ReadingKey] = field(default_factory=Counter)
    links: Counter[int] = field(default_factory=Counter)
    # What seats say that the newest turning point asks; and those that it does not ask (any more).
    answers: dict[AnswerKey, tuple[str, str]] = field(default_factory=dict)
    other_answers: dict[AnswerKey, str] = field(default_factory=dict)

    def take(self, vote: Vote) -> tuple[Held, bool] | BallotError:
        """Return the seat as it is after the vote, and whether the vote changed it.

        The same choice again is the same vote, even where a new one would be refused: whoever
        did not get the answer asks again and is told what counts.
        """
        held = self.seats.get(vote.seat)
        if held and held.choice == vote.choice:
            return held, False
        refusal = _refused_by_box(self.boxes.get(vote.cid), held, vote)
        refusal = refusal or _refused_by_seat(held, vote)
        return refusal or (self._change(held, vote), True)

    def _change(self, held: Held | None, vote: Vote) -> Held:
        box = self.boxes[vote.cid]
        now = _after(held, vote, box)
        if held:
            self.deltas[held.tally] -= 1
            self._hear(box, held, now)
        elif vote.level != _IMPORTED:
            self._count_first(vote)
        self.deltas[now.tally] += 1
        (self.moved if held and vote.seat not in self.new else self.new)[vote.seat] = now
        self.seats[vote.seat] = now
        now.promise_index = len(self.lines)
        self.lines.append(now)
        return now

    def _count_first(self, vote: Vote) -> None:
        self.readings[vote.cid, vote.choice, vote.reading] += 1
        if vote.link:
            self.links[vote.link] += 1

    def _hear(self, box: BoxNow, held: Held, now: Held) -> None:
        """Take a changed vote as the seat's answer to the newest turning point."""
        key = now.cid, box.edition, now.p
        if key in self.answers:
            self.answers[key] = self.answers[key][0], now.choice
        elif box.asks(held):
            self.answers[key] = held.choice, now.choice
        elif box.edition > held.edition:
            self.other_answers[key] = now.choice


def cast(
    cursor: Cursor, tables: Tables, votes: Sequence[Vote], *, deadline: int, door: int = 0
) -> list[Cast | BallotError]:
    """Take votes in order and answer each; all that are counted share one promise.

    To be run in a transaction, which the caller commits. A refused vote leaves nothing behind
    and does not disturb the others. Where two doors make the same seat at once, the database
    raises its IntegrityError for the second: roll back, and cast again.
    """
    boxes = tables.boxes(cursor, {vote.cid for vote in votes})
    batch = _Work(boxes, tables.locked_seats(cursor, {vote.seat for vote in votes}))
    taken = [batch.take(vote) for vote in votes]
    if batch.lines:
        _store(cursor, tables, batch, deadline, door)
    held = {one[0].promise for one in taken if isinstance(one, tuple)}
    batches = tables.batches(cursor, held) if held else {}
    return [one if isinstance(one, BallotError) else _cast(*one, batches) for one in taken]


def _cast(held: Held, changed: bool, batches: Mapping[int, Batch]) -> Cast:  # noqa: FBT001
    batch = batches[held.promise]
    return Cast(held.text, held.seq, held.choice, changed, batch, held.promise_index)


def _refused_by_box(box: BoxNow | None, held: Held | None, vote: Vote) -> BallotError | None:
    if box is None:
        return UnknownBox()
    state = box.state
    if state == "closed":
        return BoxClosed()
    if vote.choice == _WITHDRAWN:
        return None if held else NothingToWithdraw()
    refusal = _REFUSALS.get(state)
    return refusal() if refusal else None


def _refused_by_seat(held: Held | None, vote: Vote) -> BallotError | None:
    """Rule R2 of the log, and the rule on changes; a signed vote is bound to number and hour."""
    due, hour = held.seq + 1 if held else 0, _hour_due(held, vote)
    if held and held.bound_to and held.bound_to != (vote.vk or CUSTODY):
        return KeyNeeded()
    if vote.vk and (vote.seq, vote.hour) != (due, hour):
        return Stale(due, hour)
    free = vote.choice == _WITHDRAWN or vote.level == _IMPORTED
    if held and not free and _changes(held, hour) > MOST_CHANGES_AN_HOUR:
        return ChangedTooOften()
    return None


def _hour_due(held: Held | None, vote: Vote) -> str:
    """The hour of the vote, but none from which its voter could go back and forth.

    Each turn would begin to count the changes anew.
    """
    if held is None or vote.hour >= held.hour or vote.level == _IMPORTED:
        return vote.hour
    ahead = parse_hour(held.hour) - parse_hour(vote.hour)
    return held.hour if ahead <= _CHOICE_OF_HOURS else vote.hour


def _changes(held: Held, hour: str) -> int:
    """How many lines the seat would have in this hour."""
    return held.changes + 1 if held.hour == hour else 1


def _after(held: Held | None, vote: Vote, box: BoxNow) -> Held:
    hour = _hour_due(held, vote)
    bound_to = held.bound_to if held else vote.vk
    seq, changes = (held.seq + 1, _changes(held, hour)) if held else (0, 1)
    annulled = held.annulled if held else ""
    edition = held.edition if held else box.edition
    briefed = max(held.briefed, vote.briefed) if held else vote.briefed
    return Held(
        *vote.seat, seq, vote.choice, vote.level, hour, vote.vk, vote.sig,
        0, 0, changes, bound_to, annulled, briefed, edition,
    )  # fmt: skip


def _store(cursor: Cursor, tables: Tables, batch: _Work, deadline: int, door: int) -> None:
    """Write seats before lines: a line never gets its id before that of the seat's last one."""
    leaves = b"".join(leaf_hash(line.text.encode()) for line in batch.lines)
    promise = tables.add_promise(cursor, deadline, leaves)
    for line in batch.lines:
        line.promise = promise
    tables.add_seats(cursor, batch.new)
    tables.change_seats(cursor, batch.moved)
    tables.add_vote_lines(cursor, batch.lines, deadline)
    tables.count(cursor, batch.deltas, door)
    tables.count_readings(cursor, batch.readings, door)
    tables.count_links(cursor, batch.links)
    tables.answer(cursor, batch.answers, batch.other_answers)
