"""What earlier causes of this kind led to: so that nobody expects more, or less, than there was."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, OuterRef, QuerySet, Subquery

from stimme.apps.causes.models import Cause
from stimme.apps.organisations.models import Decision, Kind, Result
from stimme.apps.organisations.selectors import latest_decisions

_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Precedents:
    """Earlier causes to the same organisation or, where there are none, to others of its kind.

    `results` are numbers of causes by the word for their newest decision; `unknown` is the number
    of those whose end nobody has recorded. `examples` are the newest decisions.
    """

    of: str  # "organisation", "kind", or nothing
    results: tuple[tuple[str, int], ...] = ()
    unknown: int = 0
    examples: tuple[Decision, ...] = ()

    @property
    def number(self) -> int:
        return self.unknown + sum(number for _result, number in self.results)


_NONE = Precedents("")


def precedents_of(cause: Cause) -> Precedents:
    """Read them in at most three queries."""
    earlier = Cause.objects.filter(hidden=False, opened_at__lt=cause.opened_at)
    same = earlier.filter(organisation=cause.organisation_id)
    kind = cause.organisation.kind
    return (
        _of("organisation", same)
        or (_of("kind", earlier.filter(organisation__kind=kind)) if kind != Kind.OTHER else None)
        or _NONE
    )


def _of(which: str, earlier: QuerySet[Cause]) -> Precedents | None:
    newest = Decision.objects.filter(cause=OuterRef("pk")).values("result")[:1]
    rows = earlier.order_by().values(end=Subquery(newest)).annotate(number=Count("pk"))
    ends = Counter({row["end"]: row["number"] for row in rows.values("end", "number")})
    if not ends:
        return None
    results = tuple((str(result.label), ends[result]) for result in Result if ends[result])
    decided = latest_decisions().filter(cause__in=earlier.order_by()) if results else ()
    return Precedents(which, results, ends[None], _one_each(decided))


def _one_each(decided: QuerySet[Decision] | tuple[()]) -> tuple[Decision, ...]:
    """Return the newest decision of each of the first causes."""
    found: dict[int, Decision] = {}
    for decision in decided[: _EXAMPLES * 4]:
        found.setdefault(decision.cause_id, decision)
    return tuple(found.values())[:_EXAMPLES]
