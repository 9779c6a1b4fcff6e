"""Corrections: by a role or by the author, with sources, in public and for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stimme.apps.accounts.models import User
from stimme.apps.accounts.roles import give_role, has_role
from stimme.apps.ballot.models import TurningKind
from stimme.apps.ballot.services import append_text, turn
from stimme.apps.causes.models import (
    Cause,
    CauseVersion,
    Correction,
    CorrectionSource,
    SaidBy,
    Source,
    Wrong,
)
from stimme.apps.causes.services import Reference
from stimme.text import refuse_tricks, tidy

_ROLE = "causes.may_correct"
_FEWEST = {SaidBy.SOURCES: 2, SaidBy.AUTHOR: 1, SaidBy.ORGANISATION: 1}
# Every correction asks all who voted, and those by authors are read by nobody before.
OWN_A_WEEK = 3


@dataclass(frozen=True, slots=True)
class Fault:
    """What was wrong, since when, on whose word, and where that can be read.

    `source` is the source of the cause that was withdrawn.
    """

    kind: str
    what: str
    since: date
    said_by: str
    sources: Sequence[Reference] = ()
    source: Source | None = None


def may_correct(user: User) -> bool:
    """Whether this person of the staff also has the role to record corrections."""
    return has_role(user, _ROLE)


def let_correct(*, user: User) -> None:
    """Give the role to somebody of the staff; it goes when they leave the staff."""
    give_role(user, _ROLE)


@transaction.atomic
def record_correction(*, by: User, cause: Cause, fault: Fault) -> Correction:
    """Record what was wrong about the newest version; everybody who voted on it is asked.

    It needs the role and two sources that do not depend on each other, or one where the author or
    the organisation admits it. Authors admit it on a cause of their own without the role, and
    need no other source. The log keeps a commitment to the text. Raises PermissionDenied, or
    ValidationError for what is missing or not right.
    """
    cause = Cause.objects.select_for_update(of=("self",)).get(pk=cause.pk)
    own = _is_own(by, cause, fault)
    fault = _checked(cause, fault)
    _require_sources(fault, own=own)
    version = cause.current
    assert version
    _require_new(version, fault)
    if own and not may_correct(by):
        _require_patience(cause)
    return _recorded(by, version, fault, own=own)


def _is_own(by: User, cause: Cause, fault: Fault) -> bool:
    if cause.author_id == by.pk and fault.said_by == SaidBy.AUTHOR:
        return True
    if not may_correct(by):
        raise PermissionDenied
    return False


def _checked(cause: Cause, fault: Fault) -> Fault:
    what = tidy(fault.what, lines=True)
    refuse_tricks(what)
    if not what:
        raise ValidationError(_("Say what was wrong: everybody who voted reads it."), "empty")
    if fault.kind not in Wrong.values or fault.said_by not in SaidBy.values:
        raise ValidationError(_("Say what kind of error it was, and who says so."), "unknown")
    if cause.hidden:
        raise ValidationError(_("This cause is hidden at the moment."), "hidden")
    if fault.since > timezone.localdate():
        raise ValidationError(_("This day lies in the future."), "future")
    withdrawn = fault.source if fault.kind == Wrong.SOURCE_WITHDRAWN else None
    if withdrawn and withdrawn.cause_id != cause.pk:
        raise ValidationError(_("This is no source of this cause."), "source")
    return Fault(fault.kind, what, fault.since, fault.said_by, _tidied(fault.sources), withdrawn)


def _tidied(sources: Sequence[Reference]) -> list[Reference]:
    for source in sources:
        refuse_tricks(source.title)
    return [Reference(tidy(source.title), source.url) for source in sources]


def _require_sources(fault: Fault, *, own: bool) -> None:
    """Two pages of one site are one source."""
    fewest = 0 if own else _FEWEST[SaidBy(fault.said_by)]
    if len({_host(source.url) for source in fault.sources}) >= fewest:
        return
    if fewest == 1:
        raise ValidationError(_("Say where this can be read."), "no_source")
    raise ValidationError(
        _("Name two sources that do not depend on each other: two pages of one site are one."),
        "too_few_sources",
    )


def _host(url: str) -> str:
    host = (urlsplit(url).hostname or "").rstrip(".").removeprefix("www.")
    return host.encode("idna").decode() if host else ""


def _require_new(version: CauseVersion, fault: Fault) -> None:
    """Whoever sends a form twice must not ask everybody twice."""
    if version.corrections.filter(kind=fault.kind, what=fault.what).exists():
        raise ValidationError(_("This correction is there already."), "unchanged")


def _require_patience(cause: Cause) -> None:
    since = timezone.now() - timedelta(days=7)
    own = Correction.objects.filter(version__cause=cause, own=True, at__gte=since)
    if own.count() >= OWN_A_WEEK:
        raise ValidationError(
            _("You have corrected this cause several times this week. Please wait some days."),
            "too_often",
        )


def _recorded(by: User, version: CauseVersion, fault: Fault, *, own: bool) -> Correction:
    correction = Correction.objects.create(
        version=version,
        kind=fault.kind,
        what=fault.what,
        since=fault.since,
        said_by=fault.said_by,
        source=fault.source,
        own=own,
        salt=append_text(kind="correction", cid=version.cid, text=fault.what),
        recorded_by=by,
    )
    CorrectionSource.objects.bulk_create(
        CorrectionSource(correction=correction, title=source.title, url=source.url)
        for source in fault.sources
    )
    turn(cid=version.cid, kind=TurningKind.CORRECTION, subject=correction.pk)
    return correction
