"""What holds for everything that is recorded about an organisation."""

import datetime as dt
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from stimme.apps.accounts.models import User
from stimme.text import refuse_tricks, tidy

if TYPE_CHECKING:
    from stimme.apps.causes.models import Cause


def require_right(user: User) -> None:
    """Raise PermissionDenied unless this person may record what organisations say and do."""
    if not user.is_staff:
        raise PermissionDenied


def require_past(day: dt.date) -> None:
    """Raise ValidationError for a day to come."""
    if day > timezone.localdate():
        raise ValidationError(_("This day lies in the future."), "future")


def plain(text: str, *, lines: bool = False) -> str:
    """Return the text made uniform. Raises ValidationError for tricks, or when nothing is left."""
    text = tidy(text, lines=lines)
    refuse_tricks(text)
    if not text:
        raise ValidationError(_("Something has to be said here."), "empty")
    return text


def cid_of(cause: "Cause") -> str:
    """Return the box of the current version: there everybody is asked anew.

    As the database has it, and it stays so: whoever rewords the cause waits for this transaction.
    """
    stored = type(cause).objects.select_for_update(of=("self",)).select_related("current")
    current = stored.get(pk=cause.pk).current
    assert current
    return current.cid
