from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet
from django.utils.translation import pgettext_lazy

from stimme.apps.organisations.models import Commitment, Decision, Organisation
from stimme.text import search_key, tidy

if TYPE_CHECKING:
    from stimme.apps.causes.models import Cause

# Where readers count commitments, in this order: see `Commitment.stands`.
STANDS = {
    "kept": pgettext_lazy("commitments", "kept"),
    "due": pgettext_lazy("commitments", "overdue"),
    "broken": pgettext_lazy("commitments", "broken"),
    "open": pgettext_lazy("commitments", "open"),
}
_MOST_WORDS = 12
_MOST_ALIKE = 6


def organisations(*, q: str = "") -> QuerySet[Organisation]:
    """Organisations whose name holds every word of `q`, with `number` of published causes."""
    found = Organisation.objects.annotate(number=Count("causes", filter=Q(causes__hidden=False)))
    for word in search_key(q).split()[:_MOST_WORDS]:
        found = found.filter(name_key__contains=word)
    return found.order_by("name_key")


def organisation_named(name: str) -> Organisation | None:
    """The organisation of this name; case, accents and spacing make no difference."""
    return Organisation.objects.filter(name_key=search_key(tidy(name))).first()


def organisations_like(name: str) -> list[Organisation]:
    """At most six organisations that share a word of three letters or more with the name."""
    words = [word for word in search_key(name).split() if len(word) > 2]  # noqa: PLR2004
    condition = Q(pk__in=[])
    for word in words[:_MOST_WORDS]:
        condition |= Q(name_key__contains=word)
    return list(Organisation.objects.filter(condition)[:_MOST_ALIKE])


def latest_decisions() -> QuerySet[Decision]:
    """Decisions on published causes with cause and organisation, newest first."""
    return (
        Decision.objects.filter(cause__hidden=False)
        .select_related("cause__current", "cause__organisation")
        .defer("cause__search_text", "cause__current__document")
    )


def causes_to(organisation: Organisation) -> "QuerySet[Cause]":
    """Published causes that ask this organisation, newest first, with what a row shows."""
    return (
        organisation.causes.filter(hidden=False)
        .select_related("current", "organisation")
        .defer("search_text", "current__document", "current__what_changes")
    )


def commitments_of(decisions: Collection[int]) -> dict[int, list[Commitment]]:
    """Commitments by the key of their decision, first due first, with their statuses.

    Two queries; a decision without commitments is left out.
    """
    found: dict[int, list[Commitment]] = defaultdict(list)
    for one in Commitment.objects.filter(decision__in=decisions).prefetch_related("statuses"):
        found[one.decision_id].append(one)
    return dict(found)


def commitments_by(organisation: Organisation) -> list[Commitment]:
    """Commitments of an organisation in published causes, latest due first: two queries.

    Each comes with its statuses, and with the decision and the cause it belongs to.
    """
    found = Commitment.objects.filter(
        decision__cause__organisation=organisation, decision__cause__hidden=False
    )
    related = found.select_related("decision__cause__current")
    light = related.defer("decision__cause__search_text", "decision__cause__current__document")
    whole = light.prefetch_related("statuses")
    return sorted(whole, key=lambda one: (one.due_now, one.pk), reverse=True)


def count_commitments(commitments: Iterable[Commitment]) -> Mapping[str, int]:
    """How many there are of each key of STANDS."""
    counts = Counter(one.stands for one in commitments)
    return {stands: counts[stands] for stands in STANDS}
