"""Annulling votes and reinstating them: by a role of its own, with a reason, in public."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from stimme.apps.accounts.models import User
from stimme.apps.accounts.roles import give_role, has_role
from stimme.apps.ballot import removals
from stimme.apps.ballot.reasons import Reason
from stimme.apps.ballot.removals import Effect
from stimme.apps.causes.models import CauseVersion
from stimme.apps.moderation.models import Removal, packed
from stimme.text import refuse_tricks, tidy

_ROLE = "moderation.may_annul"


def may_annul(user: User) -> bool:
    """Whether this person of the staff also has the role to annul votes."""
    return has_role(user, _ROLE)


def let_annul(*, user: User) -> None:
    """Give the role to somebody of the staff; it goes when they leave the staff."""
    give_role(user, _ROLE)


@transaction.atomic
def annul_votes(
    *, by: User, version: CauseVersion, pseudonyms: Collection[str], reason: str, note: str
) -> Removal:
    """Annul the votes of these seats, and put on record what that does to the count.

    Raises PermissionDenied without the role; ValidationError without a note, for a reason that
    the log has no word for, or when no vote would change.
    """
    note = _checked(by, note)
    if reason not in Reason.values:
        raise ValidationError(_("The log has no such reason."), "reason")
    effect = removals.annul(cid=version.cid, pseudonyms=pseudonyms, reason=reason)
    return _recorded(by, version, effect, reason, note)


@transaction.atomic
def reinstate_votes(
    *, by: User, removal: Removal, note: str, pseudonyms: Collection[str] = ()
) -> Removal:
    """Let the votes of a removal count again, or those of them that are named.

    Raises as `annul_votes`.
    """
    note = _checked(by, note)
    # Nobody else may reinstate the same ones meanwhile and have them counted twice.
    removal = Removal.objects.select_for_update(of=["self"]).get(pk=removal.pk)
    chosen = chosen_of(removal, pseudonyms)
    effect = removals.reinstate(cid=removal.version.cid, pseudonyms=chosen)
    return _recorded(by, removal.version, effect, removal.reason, note, removal)


def chosen_of(removal: Removal, pseudonyms: Collection[str] = ()) -> list[str]:
    """Return the seats of a removal that it still keeps annulled; of those named, if any are."""
    undone = {p for other in removal.undone_by.all() for p in other.pseudonyms}
    kept = [p for p in removal.pseudonyms if p not in undone]
    return [p for p in kept if p in set(pseudonyms)] if pseudonyms else kept


def _checked(by: User, note: str) -> str:
    if not may_annul(by):
        raise PermissionDenied
    note = tidy(note)
    refuse_tricks(note)
    if not note:
        raise ValidationError(_("Say why: everybody reads it."), "no_note")
    return note


def _recorded(
    by: User,
    version: CauseVersion,
    effect: Effect,
    reason: str,
    note: str,
    undoes: Removal | None = None,
) -> Removal:
    if not effect.seats:
        raise ValidationError(_("No vote would change."), "unchanged")
    return Removal.objects.create(
        version=version,
        undoes=undoes,
        reason=reason,
        note=note,
        number=len(effect.seats),
        seats=packed(effect.seats),
        raw_for=effect.raw_for,
        raw_against=effect.raw_against,
        before_for=effect.before_for,
        before_against=effect.before_against,
        after_for=effect.after_for,
        after_against=effect.after_against,
        by=by,
    )
