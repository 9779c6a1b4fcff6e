"""What happened since one vote of mine, and what it asks me now: computed, never stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import models

from stimme.apps.accounts.models import User
from stimme.apps.ballot.answers import own_answers, still_asking, turning_points
from stimme.apps.ballot.models import Answer, TurningKind, TurningPoint
from stimme.apps.ballot.receipts import Receipt
from stimme.apps.ballot.selectors import own_seats
from stimme.apps.ballot.tables import Held
from stimme.apps.causes.differences import Piece, differences
from stimme.apps.causes.models import Cause, CauseVersion, Correction, State, Surge
from stimme.apps.organisations.models import Decision, OfficialResponse

_SUBJECTS: Mapping[str, models.Manager[Any]] = {
    TurningKind.RESPONSE: OfficialResponse.objects,
    TurningKind.DECISION: Decision.objects,
    TurningKind.CORRECTION: Correction.objects,
    TurningKind.VERSION: CauseVersion.objects,
    TurningKind.COOLING: Surge.objects,
}


@dataclass(frozen=True, slots=True)
class Happened:
    """A turning point since the vote, what it is about, and the answer it has."""

    point: TurningPoint
    subject: models.Model
    answer: Answer | None

    @property
    def template(self) -> str:
        return f"ledger/reconsider_{self.point.kind}.html"


@dataclass(frozen=True, slots=True)
class Question:
    """One vote, and what happened since: `asks` is what it can answer now."""

    receipt: Receipt
    version: CauseVersion
    newest: CauseVersion
    asks: TurningPoint | None
    # The newest first.
    happened: Sequence[Happened] = ()
    # The vote on the newest version, where this one is on an older.
    newer_seat: Held | None = None

    @property
    def cause(self) -> Cause:
        return self.version.cause

    @property
    def is_about_wording(self) -> bool:
        return self.asks is not None and self.asks.kind == TurningKind.VERSION

    @property
    def votes_on(self) -> CauseVersion:
        """The version on which one can still vote."""
        return self.newest if self.is_about_wording else self.version

    @property
    def ask_changes(self) -> list[Piece]:
        return differences(self.version.ask, self.newest.ask)

    @property
    def other_changes(self) -> list[Piece]:
        """What else the new wording changes, or nothing."""
        old, new = self.version.what_changes, self.newest.what_changes
        return differences(old, new) if old != new else []


def question_of(*, user: User, cid: str) -> Question | None:
    """Return what is asked of the user's vote in this box, or None where there is no vote."""
    version = (
        CauseVersion.objects.filter(cid=cid)
        .select_related("cause__organisation", "cause__current")
        .first()
    )
    if version is None:
        return None
    newest = version.cause.current
    assert newest
    seats = own_seats(user=user, cids={cid, newest.cid})
    if cid not in seats:
        return None
    question = Question(Receipt(seats[cid]), version, newest, asks=None)
    if newest != version:
        question = replace(question, newer_seat=seats.get(newest.cid))
    return _asked(question)


def _asked(question: Question) -> Question:
    seat = question.receipt.seat
    own = {seat.cid: seat}
    points, answers = turning_points(own), own_answers(own)
    asks = still_asking(own, points, answers).get(seat.cid)
    if question.newer_seat or question.cause.state != State.OPEN:
        asks = None
    since = [point for point in points.get(seat.cid, ()) if _concerns(point, seat)]
    return replace(question, asks=asks, happened=_happened(since, answers))


def _concerns(point: TurningPoint, seat: Held) -> bool:
    in_time = not point.hours_from or point.hours_from <= seat.hour <= point.hours_to
    return point.edition > seat.edition and in_time


def _happened(
    points: Sequence[TurningPoint], answers: Mapping[tuple[str, int], Answer]
) -> list[Happened]:
    """Add what the points are about, in a query for each kind among them."""
    subjects = {
        kind: found.in_bulk(one.subject for one in points if one.kind == kind)
        for kind, found in _SUBJECTS.items()
        if any(one.kind == kind for one in points)
    }
    return [
        Happened(one, subjects[one.kind][one.subject], answers.get((one.cid, one.edition)))
        for one in reversed(points)
        if one.kind in subjects
    ]
