"""Reading causes: lists, the search, and all that the page of one cause shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import count
from time import monotonic

from django.db.models import (
    Case,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import pgettext_lazy

from stimme.apps.ballot import selectors as ballot
from stimme.apps.ballot.tables import Held
from stimme.apps.causes.considering import Ground, Told, ground_of
from stimme.apps.causes.models import (
    AffectedParty,
    Cause,
    CauseVersion,
    Effect,
    Source,
    State,
    Surge,
)
from stimme.apps.organisations.models import Decision, OfficialResponse, Organisation
from stimme.engines.translog import parse_hour
from stimme.text import search_key

SHOWS = {
    "open": pgettext_lazy("causes", "open"),
    "waiting": pgettext_lazy("causes", "waiting for an answer"),
    "decided": pgettext_lazy("causes", "decided"),
    "closed": pgettext_lazy("causes", "closed"),
}
# A search of more words than this finds nothing more, and costs a scan a word.
_MOST_WORDS = 12
_SHORTEST_SHARED = 4
_MOST_SIMILAR = 5
_MOST_RECENT = 500  # briefings kept
_numbers = count()


@dataclass(frozen=True, slots=True)
class Row:
    """A cause in a list. Never with its balance: nobody should vote with the herd."""

    cause: Cause
    voters: int


def published() -> QuerySet[Cause]:
    """Causes that everybody may see, with what a row shows; newest first."""
    return (
        Cause.objects.filter(hidden=False)
        .select_related("current", "organisation")
        .defer("search_text", "current__document", "current__what_changes")
    )


def waiting() -> QuerySet[Cause]:
    """Open causes that got neither a response nor a decision; longest waiting first."""
    return (
        published()
        .filter(~_has(OfficialResponse), ~_has(Decision), state=State.OPEN)
        .order_by("opened_at", "pk")
    )


def _has(model: type[Decision | OfficialResponse]) -> Exists:
    return Exists(model.objects.filter(cause=OuterRef("pk")))


def causes(*, q: str = "", show: str = "", language: str = "") -> QuerySet[Cause]:
    """Published causes that hold every word of `q`; `show` is a key of SHOWS or empty."""
    found = waiting() if show == "waiting" else published()
    if show == "decided":
        found = found.filter(_has(Decision))
    elif show in State.values:
        found = found.filter(state=show)
    if language:
        found = found.filter(current__language=language)
    for word in search_key(q).split()[:_MOST_WORDS]:
        found = found.filter(search_text__contains=word)
    return found


def rows(found: Sequence[Cause]) -> list[Row]:
    """Add the number of voters, in one query for all."""
    voters = ballot.voters_by_box([cause.current.cid for cause in found if cause.current])
    return [Row(cause, voters.get(cause.current.cid, 0)) for cause in found if cause.current]


def similar_causes(*, ask: str, organisation: Organisation | None) -> list[Row]:
    """At most five causes that share words of four letters or more with `ask`.

    Those to the same organisation come first, then those with more words in common.
    """
    words = [word for word in search_key(ask).split() if len(word) >= _SHORTEST_SHARED]
    words = list(dict.fromkeys(words))[:_MOST_WORDS]
    if not words:
        return []
    shared = sum((_one_if(Q(search_text__contains=word)) for word in words), Value(0))
    same = _one_if(Q(organisation=organisation)) if organisation else Value(0)
    found = published().annotate(shared=shared, same=same).filter(shared__gt=0)
    return rows(list(found.order_by("-same", "-shared", "-opened_at")[:_MOST_SIMILAR]))


def _one_if(condition: Q) -> Case:
    return Case(When(condition, then=1), default=0, output_field=IntegerField())


@dataclass(frozen=True, slots=True)
class Group:
    """Affected parties of one effect."""

    effect: Effect
    parties: list[AffectedParty]

    @property
    def label(self) -> str:
        return str(self.effect.label)


@dataclass(frozen=True, slots=True, eq=False)
class Briefing:
    """What there is to know about one cause before one votes, but for the count.

    Two readings are never equal, so that what was made of one can be kept by it.
    """

    cause: Cause
    current: CauseVersion
    versions: list[CauseVersion]
    # Each with the public reason why it is hidden, or an empty text.
    parties: list[tuple[AffectedParty, str]]
    sources: list[tuple[Source, str]]
    responses: list[OfficialResponse]
    decisions: list[Decision]
    ground: Ground
    # Tells one reading from the next where a text is needed.
    number: int = field(default_factory=lambda: next(_numbers))

    @property
    def considered(self) -> list[Told]:
        """What voters of the newest version said after each turning point: in a query, or none."""
        return self.ground.told_of(self.current)

    @property
    def surge_since(self) -> datetime | None:
        """The beginning of the first hour of a surge that lasts."""
        hour: str | None = getattr(self.current, "surge_since", None)
        return parse_hour(hour) if hour else None

    @property
    def affected(self) -> int:
        """How many parties are named."""
        return len(self.named)

    @property
    def named(self) -> list[AffectedParty]:
        return [party for party, _reason in self.parties if not party.hidden]

    @property
    def gains(self) -> list[Group]:
        """The parties by what the demand does to them; a group is empty where nobody is named."""
        both = self.named_as(Effect.BOTH)
        groups = [Group(effect, self.named_as(effect)) for effect in (Effect.GAINS, Effect.LOSES)]
        if not both:
            return groups
        return [*(group for group in groups if group.parties), Group(Effect.BOTH, both)]

    def named_as(self, effect: Effect) -> list[AffectedParty]:
        return [party for party in self.named if party.effect == effect]


def briefing_of(slug: str) -> Briefing:
    """Read all that the page of a cause shows. Raises Cause.DoesNotExist."""
    versions = versions_of(slug)
    if not versions:
        raise Cause.DoesNotExist
    return briefing(versions)


def recent_briefing(slug: str) -> Briefing:
    """Return a briefing at most a second old, the same object to all who ask: only to read.

    In a storm nearly everybody comes for the same cause. Raises Cause.DoesNotExist.
    """
    return _briefing_at(slug, int(monotonic()))


@lru_cache(maxsize=_MOST_RECENT)
def _briefing_at(slug: str, _second: int) -> Briefing:
    return briefing_of(slug)


def versions_of(slug: str) -> list[CauseVersion]:
    """All versions of a cause with the cause and its organisation; none if there is no cause."""
    surge = Surge.objects.filter(version=OuterRef("pk"), closed_at=None)
    return list(
        CauseVersion.objects.filter(cause__slug=slug, discarded=False)
        .select_related("cause__organisation")
        .defer("cause__search_text", "document")
        .annotate(
            voters=Coalesce(ballot.voters_of(OuterRef("cid")), 0),
            surge_since=Subquery(surge.values("hours_from")),
        )
    )


def briefing(versions: list[CauseVersion]) -> Briefing:
    """Read the rest of what the page shows, given the cause's versions."""
    cause = versions[0].cause
    parties, sources = list(cause.parties.all()), list(sources_of(cause))
    hidden = [*(party.hidden for party in parties), *(source.hidden for source in sources)]
    reasons = _reasons(cause) if any(hidden) else {}
    return Briefing(
        cause=cause,
        current=current_of(versions),
        versions=versions,
        parties=[(party, reasons.get(("party", party.pk), "")) for party in parties],
        sources=[(source, reasons.get(("source", source.pk), "")) for source in sources],
        responses=list(cause.responses.all()),
        decisions=list(cause.decisions.prefetch_related("commitments__statuses")),
        ground=ground_of(versions),
    )


def sources_of(cause: Cause) -> QuerySet[Source]:
    """Return the sources of a cause with what was found when they were checked."""
    return cause.sources.prefetch_related("checks")


def current_of(versions: list[CauseVersion]) -> CauseVersion:
    return next(version for version in versions if version.pk == version.cause.current_id)


def hidden_because(cause: Cause) -> str:
    """The public reason of the action that hid the whole cause."""
    whole = {"party": None, "source": None, "statement": None}
    actions = cause.moderation_actions.filter(verb="hide", **whole)
    action = actions.first()
    return action.reason if action else ""


def _reasons(cause: Cause) -> dict[tuple[str, int], str]:
    """Why parties and sources of a cause were hidden, by kind and key."""
    reasons: dict[tuple[str, int], str] = {}
    # Oldest first, so that the latest reason stays.
    for action in cause.moderation_actions.filter(verb="hide").order_by("at", "pk"):
        if action.party_id:
            reasons["party", action.party_id] = action.reason
        if action.source_id:
            reasons["source", action.source_id] = action.reason
    return reasons


def seats_on(*, secret: bytes, versions: Sequence[CauseVersion]) -> Mapping[int, Held]:
    """An account's seats on the versions of one cause, by the number of the version."""
    seats = ballot.seats_by_secret(secret=secret, cids=[version.cid for version in versions])
    return {version.number: seats[version.cid] for version in versions if version.cid in seats}
