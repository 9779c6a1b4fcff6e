from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import AffectedParty, Cause, Source
from stimme.apps.causes.services import set_hidden
from stimme.apps.deliberation.models import Statement
from stimme.apps.moderation.models import Action, ReportState, Verb
from stimme.text import refuse_tricks, tidy

Target = Cause | AffectedParty | Source | Statement


def hide(*, by: User, target: Target, reason: str) -> Action:
    """Hide a cause, or one text of it, with a reason that everybody can read.

    Raises PermissionDenied unless `by` is staff; ValidationError without a reason, or when it
    is hidden already.
    """
    return _act(by, target, Verb.HIDE, reason)


def restore(*, by: User, target: Target, reason: str) -> Action:
    """Show again what was hidden; the same rules as for hiding."""
    return _act(by, target, Verb.RESTORE, reason)


@transaction.atomic
def _act(by: User, target: Target, verb: Verb, reason: str) -> Action:
    if not by.is_staff:
        raise PermissionDenied
    reason = tidy(reason)
    refuse_tricks(reason)
    if not reason:
        raise ValidationError(_("Say why: the reason is public."), "no_reason")
    hidden = verb == Verb.HIDE
    if target.hidden == hidden:
        raise ValidationError(_("This is so already."), "unchanged")
    if isinstance(target, Cause):
        set_hidden(cause=target, hidden=hidden)
        return Action.objects.create(cause=target, verb=verb, reason=reason, by=by)
    target.hidden = hidden
    target.save(update_fields=["hidden"])
    part = {_part(target): target}
    if isinstance(target, Statement) and hidden:
        target.reports.filter(state=ReportState.OPEN).update(state=ReportState.ACTED)
    return Action.objects.create(cause=target.cause, verb=verb, reason=reason, by=by, **part)


def _part(target: AffectedParty | Source | Statement) -> str:
    """Return the field of the action that names the text."""
    if isinstance(target, AffectedParty):
        return "party"
    return "source" if isinstance(target, Source) else "statement"
