"""Surges: hours in which votes come far faster than usual, and a day later the question again.

The rule is published. Another one (the anatomy of a firestorm) takes the place of `judged`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.models import Seat, TurningKind
from stimme.apps.ballot.selectors import voters_by_box
from stimme.apps.ballot.services import turn
from stimme.apps.causes.models import Cause, CauseVersion, State, Surge
from stimme.engines.translog import hour_of, parse_hour

TIMES = 10
FEWEST = 50  # votes in an hour
DAYS = 14
COOLING = timedelta(days=1)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Judgement:
    """One hour of one box: the votes in it, those in the median hour before it, the verdict."""

    hour: str
    votes: int
    usual: float
    is_surge: bool


def judged(by_hour: Mapping[str, int], hour: str, *, usual: float | None = None) -> Judgement:
    """Judge one hour by the votes of each hour: this is the rule.

    A surge is more than ten times the usual, and at least fifty votes. The usual is the median of
    the hours from the first vote on, of at most 14 days; where none has passed yet, nothing is
    usual, and so nothing is a surge. While one lasts, `usual` is that of its beginning.
    """
    votes, before = by_hour.get(hour, 0), _before(by_hour, hour)
    if usual is None and not before:
        return Judgement(hour, votes, 0, is_surge=False)
    known = median(before) if usual is None else usual
    return Judgement(hour, votes, known, is_surge=votes >= FEWEST and votes > TIMES * known)


def _before(by_hour: Mapping[str, int], hour: str) -> list[int]:
    """Votes in each hour before this one, also in those without any; at most 14 days of them."""
    end = parse_hour(hour)
    first = parse_hour(min(by_hour, default=hour))
    start = max(first, end - timedelta(days=DAYS))
    hours = range(int((end - start) / _HOUR))
    return [by_hour.get(hour_of(start + number * _HOUR), 0) for number in hours]


class Lookout:
    """Looks at the open causes from time to time; remembers how many had voted where."""

    def __init__(self) -> None:
        self._voters: dict[str, int] = {}

    def look(self, *, now: datetime | None = None) -> None:
        """Note surges that begin, go on or end; ask those who voted in one a day after its end."""
        now = now or timezone.now()
        for version in self._moved():
            _look_at(version, now)
        for surge in _cold(now):
            _ask(surge, now)

    def _moved(self) -> Iterator[CauseVersion]:
        """Versions that got votes, and all in a surge: that it is over no vote tells."""
        surging = set(Surge.objects.filter(closed_at=None).values_list("version", flat=True))
        versions = list(_versions(surging))
        voters = voters_by_box([version.cid for version in versions])
        seen, self._voters = self._voters, voters
        for version in versions:
            if version.pk in surging or voters.get(version.cid) != seen.get(version.cid):
                yield version


def _versions(surging: Collection[int]) -> "QuerySet[CauseVersion]":
    is_open = Q(cause__current=F("pk"), cause__state=State.OPEN, cause__hidden=False)
    return CauseVersion.objects.filter(is_open | Q(pk__in=surging)).only("cid").order_by("pk")


def _look_at(version: CauseVersion, now: datetime) -> None:
    """The hour that runs and the one before it: the end of that one may not have been seen yet."""
    surge = Surge.objects.filter(version=version, closed_at=None).first()
    by_hour, usual = votes_by_hour(version.cid), surge.usual if surge else None
    hours = [hour_of(now - _HOUR), hour_of(now)]
    judgements = [judged(by_hour, hour, usual=usual) for hour in hours]
    hot = [one for one in judgements if one.is_surge]
    if surge and hot:
        _go_on(surge, hot)
    elif surge:
        surge.closed_at = parse_hour(surge.hours_to) + _HOUR
        surge.save(update_fields=["closed_at"])
    elif hot:
        _begin(version, hot, now)


def votes_by_hour(cid: str) -> dict[str, int]:
    """Votes of a box by the hour of each seat's latest line; hours without any are absent."""
    seats = Seat.objects.filter(cid=cid, choice__in=[Choice.FOR, Choice.AGAINST])
    return dict(seats.values_list("hour").annotate(number=Count("p")).order_by())


def _begin(version: CauseVersion, hot: list[Judgement], now: datetime) -> None:
    # Somebody else may look at the same moment: there is one at a time.
    Surge.objects.get_or_create(
        version=version,
        closed_at=None,
        defaults={
            "hours_from": hot[0].hour,
            "hours_to": hot[-1].hour,
            "rate": max(one.votes for one in hot),
            "usual": hot[0].usual,
            "opened_at": now,
        },
    )


def _go_on(surge: Surge, hot: list[Judgement]) -> None:
    surge.hours_to = max(surge.hours_to, hot[-1].hour)
    surge.rate = max(surge.rate, *(one.votes for one in hot))
    surge.save(update_fields=["hours_to", "rate"])


def _cold(now: datetime) -> "QuerySet[Surge]":
    """Surges whose day is over; those of a hidden cause wait until it is shown again."""
    cold = Surge.objects.filter(closed_at__lte=now - COOLING, cooled_at=None)
    return cold.filter(version__cause__hidden=False).select_related("version")


@transaction.atomic
def _ask(surge: Surge, now: datetime) -> None:
    """Ask once, unless the vote was closed or the demand reworded meanwhile."""
    cause = Cause.objects.select_for_update(of=("self",)).get(pk=surge.version.cause_id)
    if not Surge.objects.filter(pk=surge.pk, cooled_at=None).update(cooled_at=now):
        return
    if cause.state == State.OPEN and cause.current_id == surge.version_id:
        hours = surge.hours_from, surge.hours_to
        turn(cid=surge.version.cid, kind=TurningKind.COOLING, subject=surge.pk, at=now, hours=hours)
