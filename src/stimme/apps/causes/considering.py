"""What shifted under a cause since people voted, and what they said to it afterwards."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from stimme.apps.ballot.answers import (
    Considered,
    considered,
    own_answers,
    still_asking,
    turning_points,
)
from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.models import TurningKind, TurningPoint
from stimme.apps.ballot.tables import Held
from stimme.apps.causes.models import CauseVersion, Correction, State

# With fewer answers they say more about persons than about the demand.
FEWEST = 10
# From so many votes on, the answers are counted once in a while and not for every page.
_MANY = 1000
_A_WHILE = 10  # seconds
_AFTER: Mapping[str, str | Promise] = {
    TurningKind.RESPONSE: pgettext_lazy("answered", "after the organisation’s reply"),
    TurningKind.DECISION: pgettext_lazy("answered", "after the decision"),
    TurningKind.CORRECTION: pgettext_lazy("answered", "after the correction"),
    TurningKind.COMMITMENT: pgettext_lazy("answered", "after the commitment"),
    TurningKind.OUTCOME: pgettext_lazy("answered", "after the outcome was known"),
    TurningKind.VERSION: pgettext_lazy("answered", "after the new wording"),
    TurningKind.COOLING: pgettext_lazy("answered", "a day after the surge"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One turning point, and the counts of the answers to it."""

    point: TurningPoint
    counts: Considered

    @property
    def after(self) -> str:
        """A part of a sentence: after what."""
        return str(_AFTER[self.point.kind])

    @property
    def is_enough(self) -> bool:
        return self.counts.answered >= FEWEST

    @property
    def per_cent(self) -> int:
        """Of those who answered, how many went over to the other side; rounded half up."""
        return (200 * self.counts.changed // self.counts.answered + 1) // 2

    @property
    def to_for(self) -> int:
        return self.counts.moved.get((Choice.AGAINST, Choice.FOR), 0)

    @property
    def to_against(self) -> int:
        return self.counts.moved.get((Choice.FOR, Choice.AGAINST), 0)


@dataclass(frozen=True, slots=True)
class Ground:
    """What shifted: turning points of every version by cid, told for those who are asked here."""

    points: Mapping[str, Sequence[TurningPoint]]
    corrections: Sequence[Correction]

    def told_of(self, version: CauseVersion) -> list[Told]:
        """The considered tally of one version, oldest turning point first: in a query, or none.

        Not that of a new version: who was asked answers there, as somebody unknown.
        """
        return told([one for one in self.points.get(version.cid, ()) if _is_told(one, version)])


def _is_told(point: TurningPoint, version: CauseVersion) -> bool:
    """Once the vote is closed nobody can change any more, so nobody is asked."""
    closed_at = version.cause.closed_at
    return point.kind != TurningKind.VERSION and not (closed_at and point.at >= closed_at)


def ground_of(versions: Collection[CauseVersion]) -> Ground:
    """Read what shifted under a cause: in one query, or two where it was corrected."""
    points = turning_points([version.cid for version in versions])
    return Ground(points, _corrections(points))


def _corrections(points: Mapping[str, Sequence[TurningPoint]]) -> list[Correction]:
    """Those that ask, the newest first."""
    keys = [
        one.subject
        for found in points.values()
        for one in found
        if one.kind == TurningKind.CORRECTION
    ]
    if not keys:
        return []
    return list(Correction.objects.filter(pk__in=keys).select_related("version__cause"))


def told(points: Collection[TurningPoint]) -> list[Told]:
    """Count the answers to these, for a page: where there are very many, a moment late."""
    if sum(point.asked for point in points) < _MANY:
        counts = considered(points)
    else:
        key = "-".join(["considered", *(str(point.pk) for point in points)])
        counts = cache.get_or_set(key, lambda: considered(points), _A_WHILE) or {}
    return [Told(point, counts[point.pk]) for point in points]


def told_about(correction: Correction) -> Told | None:
    """What those who had voted said to one correction; None where the vote was closed already."""
    version = correction.version
    point = TurningPoint.objects.get(
        cid=version.cid, kind=TurningKind.CORRECTION, subject=correction.pk
    )
    return next(iter(told([point])), None) if _is_told(point, version) else None


def asks(
    seats: Mapping[int, Held], versions: Sequence[CauseVersion], ground: Ground
) -> TurningPoint | None:
    """Return what asks somebody now who has these seats, by version: in a query, or none."""
    voted = {version.cid: version for version in versions if version.number in seats}
    if not voted or not ground.points:
        return None
    own = {version.cid: seats[version.number] for version in voted.values()}
    points = {cid: found for cid, found in ground.points.items() if cid in own}
    asking = still_asking(own, points, own_answers(own))
    return next(iter(answerable(asking, voted).values()), None)


def answerable(
    asking: Mapping[str, TurningPoint], voted: Mapping[str, CauseVersion]
) -> dict[str, TurningPoint]:
    """Leave out what nobody has to answer any more; `voted` are all versions with a vote, by cid.

    A vote on a newer version is the answer of those on older ones, and once the vote is closed
    nobody could change it.
    """
    newest: dict[int, int] = {}
    for version in voted.values():
        newest[version.cause_id] = max(version.number, newest.get(version.cause_id, 0))
    return {cid: point for cid, point in asking.items() if _is_newest_and_open(voted[cid], newest)}


def _is_newest_and_open(version: CauseVersion, newest: Mapping[int, int]) -> bool:
    cause = version.cause
    is_open = cause.state == State.OPEN and not cause.hidden
    return is_open and version.number == newest[version.cause_id]
