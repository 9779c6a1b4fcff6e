from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from stimme.apps.accounts.limits import Rate, take
from stimme.apps.accounts.models import User
from stimme.apps.causes.models import AffectedParty, Cause, Source
from stimme.apps.causes.services import set_hidden
from stimme.apps.deliberation.models import Statement
from stimme.apps.moderation.models import Action, Report, ReportState, Verb
from stimme.text import refuse_tricks, tidy

_HOUR = 3600.0
REPORTS = Rate(burst=10, every=_HOUR / 10)  # of one account
# Of one account about one statement: the same report again says nothing new.
REPORTS_OF_ONE = Rate(burst=1, every=24 * _HOUR)

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


class TooManyReports(Exception):
    """The account has reported as much as one account may, for now."""


@transaction.atomic
def report(*, by: User, statement: Statement, reason: str) -> Report:
    """Ask staff to look at a statement; who asked is not kept.

    Raises ValidationError without a reason, or when it is hidden or withdrawn; TooManyReports.
    """
    reason = _checked(reason)
    if statement.hidden or statement.withdrawn_at:
        raise ValidationError(_("This reason is not shown any more."), "gone")
    one = f"report:{by.pk}:{statement.pk}"
    if not (take(key=one, rate=REPORTS_OF_ONE) and take(key=f"reports:{by.pk}", rate=REPORTS)):
        raise TooManyReports
    return Report.objects.create(statement=statement, reason=reason)


def dismiss(*, by: User, report: Report) -> None:
    """Close a report without acting. Raises PermissionDenied unless `by` is staff."""
    if not by.is_staff:
        raise PermissionDenied
    waiting = Report.objects.filter(pk=report.pk, state=ReportState.OPEN)
    waiting.update(state=ReportState.DISMISSED)


@transaction.atomic
def _act(by: User, target: Target, verb: Verb, reason: str) -> Action:
    if not by.is_staff:
        raise PermissionDenied
    reason = _checked(reason)
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


def _checked(reason: str) -> str:
    reason = tidy(reason)
    refuse_tricks(reason)
    if not reason:
        raise ValidationError(_("Say why."), "no_reason")
    return reason


def _part(target: AffectedParty | Source | Statement) -> str:
    """Return the field of the action that names the text."""
    if isinstance(target, AffectedParty):
        return "party"
    return "source" if isinstance(target, Source) else "statement"
