"""Checking sources: by a role, with a note, in public; what was found before stays."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from stimme.apps.accounts.models import User
from stimme.apps.accounts.roles import give_role, has_role
from stimme.apps.causes.models import Source, SourceCheck, Verdict
from stimme.text import refuse_tricks, tidy

_ROLE = "causes.may_check"


def may_check(user: User) -> bool:
    """Whether this person of the staff also has the role to check sources."""
    return has_role(user, _ROLE)


def let_check(*, user: User) -> None:
    """Give the role to somebody of the staff; it goes when they leave the staff."""
    give_role(user, _ROLE)


def check_source(
    *, by: User, source: Source, verdict: str, note: str, evidence: str = ""
) -> SourceCheck:
    """Record what was found about a source; the newest check is what the pages show.

    Raises PermissionDenied without the role; ValidationError without a note, or without evidence
    for a source that is said to be disputed or withdrawn.
    """
    if not may_check(by):
        raise PermissionDenied
    note = tidy(note)
    refuse_tricks(note)
    if not note or verdict not in Verdict.values:
        raise ValidationError(_("Say what you found: everybody reads it."), "empty")
    if verdict != Verdict.CHECKED and not evidence:
        raise ValidationError(_("Say where this can be read."), "no_evidence")
    return SourceCheck.objects.create(
        source=source, verdict=verdict, note=note, evidence=evidence, by=by
    )
