from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet

from stimme.apps.organisations.models import Decision, Organisation
from stimme.text import search_key, tidy

if TYPE_CHECKING:
    from stimme.apps.causes.models import Cause

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
