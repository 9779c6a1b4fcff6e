"""Parties that readers name, whom the author did not think of or did not mention."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from stimme.apps.accounts.limits import Rate, take
from stimme.apps.accounts.models import User
from stimme.apps.causes.models import AffectedParty, Cause, State
from stimme.apps.causes.services import Party
from stimme.text import refuse_tricks, search_key, tidy

MOST_PARTIES = 12  # more would not be read before a vote
_RATE = Rate(burst=3, every=1200)


@transaction.atomic
def name_party(*, by: User, cause: Cause, party: Party) -> AffectedParty:
    """Add a party to an open cause, marked as named by a reader; nothing says by whom.

    Raises ValidationError: the cause is not open, has enough of them or this one already, `by`
    has named several just now, or a text has tricks in it.
    """
    cause = Cause.objects.select_for_update(of=("self",)).get(pk=cause.pk)
    if cause.state != State.OPEN or cause.hidden:
        raise ValidationError(_("This cause is not open."), "not_open")
    name, how = tidy(party.name), tidy(party.how)
    for text in (name, how):
        refuse_tricks(text)
    if not search_key(name) or not search_key(how):
        raise ValidationError(_("Say who it is, and what it does to them."), "empty")
    _require_room(cause, name)
    if not take(key=f"affected:{by.pk}", rate=_RATE):
        raise ValidationError(
            _("You have named several just now. Please wait some minutes."), "too_often"
        )
    return AffectedParty.objects.create(
        cause=cause, name=name, effect=party.effect, how=how, by_reader=True
    )


def _require_room(cause: Cause, name: str) -> None:
    """Hidden ones count: what staff took out is not put back, and makes no room."""
    names = [search_key(known) for known in cause.parties.values_list("name", flat=True)]
    if search_key(name) in names:
        raise ValidationError(_("This party is named already."), "known")
    if len(names) >= MOST_PARTIES:
        raise ValidationError(_("So many are named already that nobody would read more."), "full")
