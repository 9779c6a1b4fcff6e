from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from stimme.apps.accounts.models import AccountSecret, User
from stimme.apps.ballot.models import Line, Seat, Tally
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.seats import seats_of

_ENTRIES_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Count:
    """Live seats of one box, and how they divide by level."""

    levels: tuple[Tally, ...]

    @property
    def votes_for(self) -> int:
        return sum(tally.votes_for for tally in self.levels)

    @property
    def votes_against(self) -> int:
        return sum(tally.votes_against for tally in self.levels)

    @property
    def withdrawn(self) -> int:
        return sum(tally.withdrawn for tally in self.levels)

    @property
    def voters(self) -> int:
        """People whose vote counts now; those who withdrew are not among them."""
        return self.votes_for + self.votes_against

    @property
    def touched(self) -> bool:
        """Whether anybody ever voted here: from then on the text is frozen."""
        return bool(self.levels)


def count_of(cid: str) -> Count:
    return Count(tuple(Tally.objects.filter(cid=cid).order_by("level")))


def voters_by_box(cids: Collection[str]) -> dict[str, int]:
    """Number of live votes of each box, for lists; boxes without votes are absent."""
    rows = (
        Tally.objects.filter(cid__in=cids)
        .values_list("cid")
        .annotate(number=Sum("votes_for") + Sum("votes_against"))
    )
    return dict(rows)


def own_seats(*, user: User, cids: Collection[str]) -> Mapping[str, Seat]:
    """Return the user's seats by box. The pseudonyms are recomputed: no table holds the link."""
    secret = AccountSecret.objects.filter(user=user).first()
    if secret is None:
        return {}
    own = bytes(secret.secret)
    keys = [(cid, pseudonym_of(secret=own, cid=cid)) for cid in cids]
    return {cid: seat for (cid, _), seat in seats_of(keys).items()}


def published_lines(*, cid: str) -> QuerySet[Line]:
    """Sealed lines of one box in the order of the log. Pending ones are nobody's business yet."""
    return Line.objects.filter(cid=cid, log_index__isnull=False).order_by("log_index")


def log_entries(start: int, stop: int) -> Iterator[bytes]:
    """Entries [start, stop) of the log as the database has them, bounded in memory.

    Read in parts, not by a cursor: whoever stops early leaves nothing open.
    """
    for first in range(start, stop, _ENTRIES_AT_ONCE):
        last = min(first + _ENTRIES_AT_ONCE, stop)
        lines = Line.objects.filter(log_index__gte=first, log_index__lt=last).order_by("log_index")
        for text in lines.values_list("text", flat=True):
            yield text.encode()


def voters_of(cid: OuterRef) -> Subquery:
    """Return the number of live votes as a column of a query over boxes; null without any."""
    tallies = Tally.objects.filter(cid=cid).values("cid")
    return Subquery(
        tallies.annotate(number=Sum("votes_for") + Sum("votes_against")).values("number")
    )
