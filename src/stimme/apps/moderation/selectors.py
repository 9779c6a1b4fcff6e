from django.db.models import QuerySet

from stimme.apps.causes.models import AffectedParty, Cause, Source
from stimme.apps.moderation.models import Action
from stimme.apps.moderation.services import Target

_OF_KIND: dict[str, QuerySet[Cause] | QuerySet[AffectedParty] | QuerySet[Source]] = {
    "cause": Cause.objects.all(),
    "party": AffectedParty.objects.select_related("cause"),
    "source": Source.objects.select_related("cause"),
}


def public_log() -> QuerySet[Action]:
    """Every action, newest first, with what its row in the log names."""
    return Action.objects.select_related("cause__current", "cause__organisation")


def find_target(*, kind: str, pk: int) -> Target | None:
    """Return the cause, party or source of this id, or None."""
    found = _OF_KIND.get(kind)
    return found.filter(pk=pk).first() if found is not None else None
