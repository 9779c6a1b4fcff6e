"""All reading of the ballot that pages need: counts, seats, turning points and answers."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from django.db import models
from django.db.models import OuterRef, Q, Subquery, Sum

from stimme.apps.accounts.levels import Level
from stimme.apps.accounts.models import AccountSecret, User
from stimme.apps.ballot.answers import (
    Considered,
    considered,
    edition_of,
    own_answers,
    turning_points,
    unanswered,
)
from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.how_voted import HowOf, HowVotedOn, how_voted
from stimme.apps.ballot.models import Seat, Tally
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.reasons import Reason
from stimme.apps.ballot.seats import seats_of
from stimme.apps.ballot.tables import Held

__all__ = [
    "Considered",
    "Count",
    "HowOf",
    "HowVotedOn",
    "LevelCount",
    "considered",
    "count_of",
    "edition_of",
    "how_voted",
    "own_answers",
    "own_seats",
    "seats_by_secret",
    "turning_points",
    "unanswered",
    "voters_by_box",
    "voters_of",
]

_COUNTED = Q(annulled=False, choice__in=[Choice.FOR, Choice.AGAINST])


@dataclass(frozen=True, slots=True)
class LevelCount:
    """Seats of one box and one level; those annulled are counted apart."""

    level: int
    votes_for: int = 0
    votes_against: int = 0
    withdrawn: int = 0
    annulled_for: int = 0
    annulled_against: int = 0
    # Of those that count: whose latest vote is signed by the voter's own key.
    keyed: int = 0

    @property
    def label(self) -> str:
        return str(Level(self.level).label)


@dataclass(frozen=True, slots=True)
class Count:
    """Seats of one box, how they divide by level, and why some of them are annulled."""

    levels: tuple[LevelCount, ...]
    # (reason in words, votes that would count without it)
    reasons: tuple[tuple[str, int], ...] = ()

    def _sum(self, name: str) -> int:
        return sum(getattr(level, name) for level in self.levels)

    @property
    def votes_for(self) -> int:
        return self._sum("votes_for")

    @property
    def votes_against(self) -> int:
        return self._sum("votes_against")

    @property
    def withdrawn(self) -> int:
        return self._sum("withdrawn")

    @property
    def voters(self) -> int:
        """People whose vote counts now; those who withdrew are not among them."""
        return self.votes_for + self.votes_against

    @property
    def annulled(self) -> int:
        """Votes that would count, had they not been annulled."""
        return self.annulled_for + self.annulled_against

    @property
    def annulled_for(self) -> int:
        return self._sum("annulled_for")

    @property
    def annulled_against(self) -> int:
        return self._sum("annulled_against")

    @property
    def raw_for(self) -> int:
        return self.votes_for + self.annulled_for

    @property
    def raw_against(self) -> int:
        return self.votes_against + self.annulled_against

    @property
    def keyed(self) -> int:
        return self._sum("keyed")

    @property
    def custodial(self) -> int:
        return self.voters - self.keyed

    @property
    def touched(self) -> bool:
        """Whether anybody ever voted here: from then on the text is frozen."""
        return bool(self.levels)


def count_of(cid: str) -> Count:
    rows = (
        Tally.objects.filter(cid=cid)
        .values_list("level", "choice", "annulled", "keyed")
        .annotate(Sum("number"))
        .order_by("level")
    )
    count = Count(tuple(_levels(rows)))
    return replace(count, reasons=_reasons(cid)) if count.annulled else count


def _reasons(cid: str) -> tuple[tuple[str, int], ...]:
    seats = Seat.objects.filter(cid=cid, choice__in=[Choice.FOR, Choice.AGAINST])
    annulled = seats.exclude(annulled="").values_list("annulled")
    numbers = dict(annulled.annotate(number=models.Count("p")).order_by())
    return tuple((str(one.label), numbers[one]) for one in Reason if one in numbers)


_COLUMNS = {
    (Choice.FOR, False): "votes_for",
    (Choice.AGAINST, False): "votes_against",
    (Choice.WITHDRAWN, False): "withdrawn",
    (Choice.FOR, True): "annulled_for",
    (Choice.AGAINST, True): "annulled_against",
}


def _levels(rows: Iterable[tuple[int, str, bool, bool, int]]) -> Iterable[LevelCount]:
    levels: dict[int, Counter[str]] = {}
    for level, choice, annulled, keyed, number in rows:
        counter = levels.setdefault(level, Counter())
        if column := _COLUMNS.get((Choice(choice), annulled)):
            counter[column] += number
        if keyed and not annulled and choice != Choice.WITHDRAWN:
            counter["keyed"] += number
    return [LevelCount(level, **counter) for level, counter in levels.items()]


def voters_by_box(cids: Collection[str]) -> dict[str, int]:
    """Number of live votes of each box, for lists; boxes without votes are absent."""
    rows = Tally.objects.filter(_COUNTED, cid__in=cids).values_list("cid")
    return dict(rows.annotate(number=Sum("number")))


def own_seats(*, user: User, cids: Collection[str]) -> Mapping[str, Held]:
    """Return the user's seats by box. The pseudonyms are recomputed: no table holds the link."""
    secret = AccountSecret.objects.filter(user=user).first()
    if secret is None:
        return {}
    return seats_by_secret(secret=bytes(secret.secret), cids=cids)


def seats_by_secret(*, secret: bytes, cids: Collection[str]) -> Mapping[str, Held]:
    """Return by box the seats of the account that has this secret (s_a)."""
    keys = [(cid, pseudonym_of(secret=secret, cid=cid)) for cid in cids]
    return {cid: seat for (cid, _), seat in seats_of(keys).items()}


def voters_of(cid: OuterRef) -> Subquery:
    """Return the number of live votes as a column of a query over boxes; null without any."""
    tallies = Tally.objects.filter(_COUNTED, cid=cid).values("cid")
    return Subquery(tallies.annotate(total=Sum("number")).values("total"))
