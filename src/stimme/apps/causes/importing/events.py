"""Casting imported votes, through the same inner step as the vote of a page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from stimme.apps.accounts.levels import Level
from stimme.apps.ballot.casting import Cast, Vote
from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.errors import BallotError
from stimme.apps.ballot.models import ImportedSigners
from stimme.apps.ballot.pseudonyms import imported_secret, pseudonym_of
from stimme.apps.ballot.seats import seats_of
from stimme.apps.ballot.services import cast_batch, register_imported_signers
from stimme.apps.ballot.tables import Held, SeatKey
from stimme.apps.causes.importing.report import Report
from stimme.engines.translog import hour_of

AT_ONCE = 1000  # votes in one commit
Progress = Callable[[int, int], None]
"""Called with the votes cast and the votes in all."""

_CONTRADICTION = "an earlier import of this source tells another history of this signer"
_NO_VOTE = "there is no vote to withdraw"


@dataclass(frozen=True, slots=True)
class Event:
    """A row with a vote. `choice` is None for a pass, which withdraws a vote if there is one."""

    file: str
    line: int
    statement: str
    signer: str
    choice: Choice | None
    at: datetime


@dataclass(slots=True)
class _Track:
    """One seat while its rows are read: the n-th change in the file has `seq` n.

    So a row that an earlier import stored is known by its number, and importing a file
    again, or a longer export of the same, adds only what is new.
    """

    key: SeatKey
    stored: Held | None = None
    seq: int = -1
    choice: Choice | None = None
    contradicts: bool = False

    def is_stored(self) -> bool:
        return self.stored is not None and self.seq <= self.stored.seq

    def judge(self) -> None:
        """Hold the latest change against the seat: at its seq, the choice must be the same."""
        if self.stored and self.seq == self.stored.seq and self.choice != self.stored.choice:
            self.contradicts = True


@dataclass(slots=True)
class _Plan:
    """What is still to be cast, worked out before anything is stored."""

    report: Report
    tracks: dict[tuple[str, str], _Track]
    to_cast: list[tuple[Event, Vote]] = field(default_factory=list)

    def take(self, event: Event) -> None:
        track = self.tracks[event.signer, event.statement]
        choice = event.choice or self._of_pass(track)
        if choice is None:
            self.report.passes += 1
        elif choice == track.choice:
            self.report.repeated += 1
        elif choice == Choice.WITHDRAWN and track.choice is None:
            self._reject(event, _NO_VOTE)
        else:
            self._change(event, track, choice)

    def _of_pass(self, track: _Track) -> Choice | None:
        return Choice.WITHDRAWN if track.choice in {Choice.FOR, Choice.AGAINST} else None

    def _change(self, event: Event, track: _Track, choice: Choice) -> None:
        track.seq, track.choice = track.seq + 1, choice
        track.judge()
        if track.contradicts:
            self._reject(event, _CONTRADICTION)
        elif track.is_stored():
            self.report.earlier += 1
        else:
            vote = Vote(*track.key, choice.value, Level.IMPORTED, hour_of(event.at))
            self.to_cast.append((event, vote))

    def _reject(self, event: Event, reason: str) -> None:
        self.report.reject(event.file, event.line, reason, shown(event))


def shown(event: Event) -> str:
    """The event as a row, for the list of what was rejected."""
    choice = event.choice.value if event.choice else "pass"
    parts = [event.statement, event.signer, choice, event.at.isoformat()]
    return ",".join(part for part in parts if part)


def cast_events(
    events: Sequence[Event],
    *,
    boxes: Mapping[str, str],
    source: str,
    report: Report,
    progress: Progress = lambda _done, _all: None,
) -> None:
    """Cast the events in their order, `boxes` naming the cid of each statement.

    Up to 1,000 votes share a commit. When this is interrupted, what was committed is whole,
    and the same call again goes on from there. Events without a box are left to the caller.
    """
    plan = _Plan(report, _tracks(events, boxes, source))
    for event in events:
        plan.take(event)
    known = {signer for (signer, _), track in plan.tracks.items() if track.stored}
    for start in range(0, len(plan.to_cast), AT_ONCE):
        progress(start, len(plan.to_cast))
        _cast(plan.to_cast[start : start + AT_ONCE], source, known, report)
    progress(len(plan.to_cast), len(plan.to_cast))


def _tracks(
    events: Sequence[Event], boxes: Mapping[str, str], source: str
) -> dict[tuple[str, str], _Track]:
    signers = {event.signer for event in events}
    secrets = {signer: imported_secret(source=source, signer=signer) for signer in signers}
    tracks = {}
    for signer, statement in {(event.signer, event.statement) for event in events}:
        cid = boxes[statement]
        tracks[signer, statement] = _Track((cid, pseudonym_of(secret=secrets[signer], cid=cid)))
    seats = seats_of({track.key for track in tracks.values()})
    for track in tracks.values():
        track.stored = seats.get(track.key)
    return tracks


def _cast(
    batch: Sequence[tuple[Event, Vote]], source: str, known: set[str], report: Report
) -> None:
    """Commit a batch together with the number of signers it brings, so the roll covers it."""
    with transaction.atomic():
        results = cast_batch([vote for _, vote in batch])
        taken = [(event, one) for (event, _), one in zip(batch, results, strict=True)]
        fresh = {event.signer for event, one in taken if isinstance(one, Cast)} - known
        if fresh:
            _register(source, len(fresh))
    known |= fresh
    for event, result in taken:
        _count(event, result, report)


def _register(source: str, number: int) -> None:
    earlier = ImportedSigners.objects.filter(source=source).first()
    number += earlier.number if earlier else 0
    register_imported_signers(source=source, number=number)


def _count(event: Event, result: Cast | BallotError, report: Report) -> None:
    if isinstance(result, BallotError):
        report.reject(event.file, event.line, str(result.sentence), shown(event))
    elif not result.changed:
        report.repeated += 1
    elif result.choice == Choice.WITHDRAWN:
        report.withdrawals += 1
    elif result.seq:
        report.changes += 1
    else:
        report.votes += 1
