"""How the witnesses of this log stood when they were last asked, in words for everybody."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stimme.apps.ballot.models import Standing
from stimme.apps.ballot.witnesses import state

_SILENT = _("did not answer")
_WORDS: dict[str, Promise] = {
    Standing.COSIGNED: _("has signed the newest checkpoint"),
    Standing.DOWN: _SILENT,
    Standing.SLOW: _SILENT,
    Standing.REFUSING: _("does not know this log"),
    Standing.BEHIND: _("could not follow the log so far"),
    Standing.UNPROVEN: _("has not been given a proof that it can follow"),
    Standing.LYING: _("gave an answer that does not hold"),
    Standing.AHEAD: _("says it has seen more lines than we hold"),
    Standing.FORKED: _("says it has seen another history"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One witness: its name, its answer in words, and when it was asked."""

    name: str
    words: Promise
    at: datetime


@dataclass(frozen=True, slots=True)
class LastRound:
    """The answers of the last round; `reached` is whether enough witnesses signed."""

    reached: bool
    witnesses: list[Asked]


def last_round() -> LastRound | None:
    """Return None where there are no witnesses, or their policy cannot be read any more."""
    try:
        found = state()
    except ValueError:  # the sealer says so at every try
        return None
    if found is None or not found.witnesses:
        return None
    asked = [Asked(one.name, _WORDS[one.standing], one.asked_at) for one in found.witnesses]
    return LastRound(found.reached, asked)
