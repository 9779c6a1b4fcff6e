import datetime as dt
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.text import slugify
from django.utils.translation import gettext as _

from stimme.apps.accounts.models import User
from stimme.apps.ballot.models import TurningKind
from stimme.apps.ballot.services import append_text, turn
from stimme.apps.organisations.models import (
    Decision,
    Kind,
    OfficialResponse,
    Organisation,
    Result,
)
from stimme.apps.organisations.recording import cid_of, require_past, require_right
from stimme.text import refuse_tricks, search_key, tidy

NAME_LENGTH = 120

if TYPE_CHECKING:
    from stimme.apps.causes.models import Cause


def find_or_add_organisation(
    *, name: str, kind: str = Kind.OTHER, website: str = ""
) -> Organisation:
    """Return the organisation of this name; case, accents and spacing make no difference.

    Raises ValidationError for a name without letters or with tricks in it.
    """
    name = tidy(name)
    refuse_tricks(name)
    require_name(name)
    organisation, _created = Organisation.objects.get_or_create(
        name_key=search_key(name),
        defaults={"name": name, "kind": kind, "website": website, "slug": _free_slug(name)},
    )
    return organisation


def require_name(name: str) -> None:
    """Raise ValidationError for what is no name, or longer than names are when compared."""
    if not 0 < len(search_key(name)) <= NAME_LENGTH:
        raise ValidationError(_("An organisation needs a name."), "no_name")


def _free_slug(name: str) -> str:
    slug = slugify(name)[:60] or "organisation"
    if Organisation.objects.filter(slug=slug).exists():
        return f"{slug}-{get_random_string(4, 'abcdefghjkmnpqrstuvwxyz23456789')}"
    return slug


@transaction.atomic
def record_response(
    *, by: User, cause: "Cause", text: str, source_url: str, published_on: dt.date
) -> OfficialResponse:
    """Record what the organisation said, with its source; the log keeps a commitment to it.

    Raises PermissionDenied unless `by` is staff, ValidationError for a day to come.
    """
    require_right(by)
    require_past(published_on)
    text = tidy(text, lines=True)
    refuse_tricks(text)
    cid = cid_of(cause)
    response = OfficialResponse.objects.create(
        cause=cause,
        text=text,
        source_url=source_url,
        published_on=published_on,
        recorded_by=by,
        salt=append_text(kind="response", cid=cid, text=text),
    )
    turn(cid=cid, kind=TurningKind.RESPONSE, subject=response.pk)
    return response


@transaction.atomic
def record_decision(
    *,
    by: User,
    cause: "Cause",
    result: Result,
    summary: str,
    source_url: str,
    decided_on: dt.date,
    review_on: dt.date | None = None,
) -> Decision:
    """Record what the organisation decided, with its source; the log keeps a commitment.

    `review_on` is the day to look at what came of it. Raises PermissionDenied unless `by` is
    staff, ValidationError for a decision to come, or a review before it.
    """
    require_right(by)
    require_past(decided_on)
    if review_on and review_on <= decided_on:
        raise ValidationError(_("What came of it shows only after the decision."), "too_early")
    summary = tidy(summary, lines=True)
    refuse_tricks(summary)
    cid = cid_of(cause)
    decision = Decision.objects.create(
        cause=cause,
        result=result,
        summary=summary,
        source_url=source_url,
        decided_on=decided_on,
        review_on=review_on,
        recorded_by=by,
        salt=append_text(kind="decision", cid=cid, text=summary),
    )
    turn(cid=cid, kind=TurningKind.DECISION, subject=decision.pk)
    return decision
