from dataclasses import dataclass

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from stimme.apps.ballot.reasons import Reason
from stimme.apps.causes.models import AffectedParty, Cause, Source
from stimme.apps.deliberation.models import Statement
from stimme.apps.moderation.models import Action, Removal, Report, ReportState
from stimme.apps.moderation.services import Target

_OF_KIND: dict[
    str, QuerySet[Cause] | QuerySet[AffectedParty] | QuerySet[Source] | QuerySet[Statement]
] = {
    "cause": Cause.objects.all(),
    "party": AffectedParty.objects.select_related("cause"),
    "source": Source.objects.select_related("cause"),
    "statement": Statement.objects.select_related("cause"),
}


def public_log() -> QuerySet[Action]:
    """Every action, newest first, with what its row in the log names."""
    return Action.objects.select_related("cause__current", "cause__organisation", "statement")


def find_target(*, kind: str, pk: int) -> Target | None:
    """Return the cause, party, source or statement of this id, or None."""
    found = _OF_KIND.get(kind)
    return found.filter(pk=pk).first() if found is not None else None


def open_reports() -> QuerySet[Report]:
    """Reports that wait for the staff, the oldest first, with what their rows name."""
    waiting = Report.objects.filter(state=ReportState.OPEN).order_by("at", "pk")
    return waiting.select_related("statement__cause__current", "statement__cause__organisation")


def public_removals() -> QuerySet[Removal]:
    """Every removal, newest first, with what its row in the list names.

    `kept` is how many of its votes were not reinstated since.
    """
    undone = Removal.objects.filter(undoes=OuterRef("pk")).order_by().values("undoes")
    reinstated = Subquery(undone.annotate(total=Sum("number")).values("total"))
    return (
        Removal.objects.select_related(
            "version__cause__current", "version__cause__organisation", "undoes"
        )
        .annotate(kept=F("number") - Coalesce(reinstated, 0))
        .defer("seats")
    )


@dataclass(frozen=True, slots=True)
class OfReason:
    """Votes annulled for one reason since the beginning, and those of them reinstated."""

    label: str
    annulled: int
    reinstated: int


def removals_by_reason() -> list[OfReason]:
    """Return the numbers for every reason there was, in the order of the log's reasons."""
    rows = Removal.objects.values_list("reason").annotate(
        annulled=Coalesce(Sum("number", filter=Q(undoes=None)), 0),
        reinstated=Coalesce(Sum("number", filter=Q(undoes__isnull=False)), 0),
    )
    numbers = {reason: found for reason, *found in rows.order_by()}
    return [OfReason(str(one.label), *numbers[one]) for one in Reason if one in numbers]
