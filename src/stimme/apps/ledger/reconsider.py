"""What happened since one vote of mine, and what it asks me now: computed, never stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from stimme.apps.accounts.models import User
from stimme.apps.ballot.answers import box_at, own_answers, still_asking, turning_points
from stimme.apps.ballot.models import Answer, TurningKind, TurningPoint
from stimme.apps.ballot.receipts import Receipt
from stimme.apps.ballot.selectors import own_seats
from stimme.apps.causes.considering import answerable
from stimme.apps.causes.differences import Piece, differences
from stimme.apps.causes.models import Cause, CauseVersion, Correction, Surge
from stimme.apps.organisations.models import Commitment, Decision, OfficialResponse

_SUBJECTS: Mapping[str, models.Manager[Any] | models.QuerySet[Any]] = {
    TurningKind.RESPONSE: OfficialResponse.objects,
    TurningKind.DECISION: Decision.objects,
    TurningKind.CORRECTION: Correction.objects,
    TurningKind.VERSION: CauseVersion.objects,
    TurningKind.COOLING: Surge.objects,
    TurningKind.COMMITMENT: Commitment.objects.prefetch_related("statuses"),
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
    happened: Sequence[Happened]
    # Whether this person has voted on a newer version, too.
    has_newer_vote: bool

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
    versions = _versions_beside(cid)
    seats = own_seats(user=user, cids=versions)
    if cid not in seats:
        return None
    version = versions[cid]
    voted = {own: versions[own] for own in seats}
    points, answers = turning_points([cid]), own_answers(seats)
    asking = still_asking({cid: seats[cid]}, points, answers)
    since = [point for point in points.get(cid, ()) if box_at(point).concerns(seats[cid])]
    assert version.cause.current
    return Question(
        receipt=Receipt(seats[cid]),
        version=version,
        newest=version.cause.current,
        asks=answerable(asking, voted).get(cid),
        happened=_happened(since, answers),
        has_newer_vote=any(one.number > version.number for one in voted.values()),
    )


def _versions_beside(cid: str) -> dict[str, CauseVersion]:
    """All versions of the cause that this one is of; none where there is no such cid."""
    cause = CauseVersion.objects.filter(cid=cid).values("cause")
    versions = CauseVersion.objects.filter(cause__in=cause, discarded=False)
    beside = versions.select_related("cause__organisation", "cause__current").defer("document")
    return {version.cid: version for version in beside}


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
