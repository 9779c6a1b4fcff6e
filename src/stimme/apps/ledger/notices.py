"""Notices: what happened to causes that somebody voted on, the same for both sides.

Whom a notice is for is worked out when it is read or mailed, and never stored.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from stimme.apps.accounts.models import User
from stimme.apps.ballot.answers import box_at, own_answers, still_asking, turning_points
from stimme.apps.ballot.models import TurningKind, TurningPoint
from stimme.apps.ballot.selectors import own_seats
from stimme.apps.causes.models import CauseVersion, Correction
from stimme.apps.organisations.models import Commitment, Decision, OfficialResponse

QUOTED = 300  # characters of what others wrote
NAMED = 120  # characters of a demand


@dataclass(frozen=True, slots=True)
class Notice:
    """One turning point in words of our own, with at most a short quotation.

    `ask` is the demand as it was voted on. It and `quote` are texts of others: they never go
    into headers. Both are empty where the cause is hidden.
    """

    point: TurningPoint
    headline: str
    ask: str
    language: str
    organisation: str
    quote: str
    still_asks: bool = False

    @property
    def at(self) -> datetime:
        return self.point.at

    @property
    def quoted(self) -> list[str]:
        """The lines of the quotation, for plain text, where each must look quoted."""
        return self.quote.splitlines()

    @property
    def path(self) -> str:
        return reverse("ledger:reconsider", args=[self.point.cid])

    @property
    def url(self) -> str:
        """The whole address, for mails and feeds."""
        return f"{settings.STIMME.url}{self.path}"


def own_points(*, user: User) -> tuple[list[TurningPoint], frozenset[int]]:
    """What happened after the user's votes, newest first; and the keys of what still asks them."""
    cids = TurningPoint.objects.order_by().values_list("cid", flat=True).distinct()
    seats = own_seats(user=user, cids=list(cids))
    points = turning_points(seats)
    asking = still_asking(seats, points, own_answers(seats))
    # Also for votes that were withdrawn since: what came of it is of interest to them, too.
    own = [one for cid in points for one in points[cid] if box_at(one).concerns(seats[cid])]
    own.sort(key=lambda point: (point.at, point.pk), reverse=True)
    return own, frozenset(point.pk for point in asking.values())


def notices_of(points: Collection[TurningPoint], asking: Collection[int] = ()) -> dict[int, Notice]:
    """Put turning points into words of the language that is active, by their keys.

    One query for the causes and one for each kind of happening.
    """
    versions = _versions({point.cid for point in points})
    subjects = _subjects(points)
    return {
        point.pk: _notice(
            point,
            versions[point.cid],
            subjects.get((point.kind, point.subject)),
            still_asks=point.pk in asking,
        )
        for point in points
        if point.cid in versions
    }


def _versions(cids: Collection[str]) -> dict[str, CauseVersion]:
    found = CauseVersion.objects.filter(cid__in=cids).select_related("cause__organisation")
    light = found.defer("document", "what_changes", "cause__search_text")
    return {version.cid: version for version in light}


_TABLES: Mapping[str, QuerySet[Model]] = {
    TurningKind.RESPONSE: OfficialResponse.objects.all(),
    TurningKind.DECISION: Decision.objects.all(),
    TurningKind.CORRECTION: Correction.objects.all(),
    TurningKind.COMMITMENT: Commitment.objects.prefetch_related("statuses"),
}


def _subjects(points: Iterable[TurningPoint]) -> dict[tuple[str, int], Model]:
    wanted: dict[str, list[int]] = defaultdict(list)
    for point in points:
        wanted[point.kind].append(point.subject)
    return {
        (kind, key): subject
        for kind, table in _TABLES.items()
        if kind in wanted
        for key, subject in table.in_bulk(wanted[kind]).items()
    }


def _notice(
    point: TurningPoint, version: CauseVersion, subject: Model | None, *, still_asks: bool
) -> Notice:
    hidden = version.cause.hidden
    return Notice(
        point=point,
        headline=_headline(point, subject),
        ask="" if hidden else Truncator(version.ask).chars(NAMED),
        language=version.language,
        organisation="" if hidden else str(version.cause.organisation),
        quote="" if hidden else Truncator(_words_of(subject)).chars(QUOTED),
        still_asks=still_asks,
    )


def _headline(point: TurningPoint, subject: Model | None) -> str:
    if isinstance(subject, Decision):
        return _("Decided: %(result)s") % {"result": subject.get_result_display()}
    if isinstance(subject, Commitment):
        return _how_kept(subject)
    headlines = {
        TurningKind.RESPONSE: _("The organisation has answered"),
        TurningKind.CORRECTION: _("Something said about the cause was corrected"),
        TurningKind.VERSION: _("The demand has a new wording, and asks you again"),
        TurningKind.COOLING: _("You voted in a surge; a day has passed since"),
    }
    return headlines.get(TurningKind(point.kind), str(TurningKind(point.kind).label))


def _how_kept(commitment: Commitment) -> str:
    return {
        "due": _("The organisation’s commitment is overdue"),
        "kept": _("The organisation has kept its commitment"),
        "broken": _("The organisation has broken its commitment"),
    }.get(commitment.stands, _("The organisation has changed its commitment"))


def _words_of(subject: Model | None) -> str:
    """What staff, or somebody with a role, has recorded; of nobody else is a word passed on."""
    match subject:
        case OfficialResponse():
            return subject.text
        case Decision():
            return subject.summary
        case Correction(own=False) | Commitment():
            return subject.what
    return ""


def in_order(points: Sequence[TurningPoint], asking: Collection[int] = ()) -> list[Notice]:
    """The same as a list, in the order of the points."""
    found = notices_of(points, asking)
    return [found[point.pk] for point in points if point.pk in found]
