"""Starting, rewording and closing causes."""

import base64
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.text import slugify
from django.utils.translation import gettext as _

from stimme.apps.accounts.models import User
from stimme.apps.ballot import selectors as ballot_selectors
from stimme.apps.ballot import services as ballot
from stimme.apps.ballot.models import State as BoxState
from stimme.apps.ballot.models import TurningKind
from stimme.apps.causes.models import (
    AffectedParty,
    Cause,
    CauseVersion,
    Effect,
    Provenance,
    Source,
    State,
)
from stimme.apps.organisations.models import Organisation
from stimme.engines.translog import cause_id
from stimme.text import refuse_tricks, search_key, tidy

REWORDINGS_PER_DAY = 10


class TooManyCauses(Exception):
    """The account has started as many causes today as one account may."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked, in one sentence, in which language, and what changes if it is granted."""

    ask: str
    language: str
    what_changes: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    name: str
    effect: Effect
    how: str


@dataclass(frozen=True, slots=True)
class Reference:
    title: str
    url: str


@transaction.atomic
def publish_cause(
    *,
    author: User | None,
    organisation: Organisation,
    demand: Demand,
    parties: Sequence[Party],
    sources: Sequence[Reference],
    provenance: Provenance = Provenance.PERSON,
    at: datetime | None = None,
) -> Cause:
    """Publish a cause and open its ballot box.

    `at` is for causes whose votes come from elsewhere with their own times. Raises
    ValidationError for tricks in a text, or when a cause started here names nobody who
    would lose by it; TooManyCauses when the author has started enough for one day.
    """
    demand = _checked(demand)
    if provenance == Provenance.PERSON:
        require_loser(parties)
        _require_calm(author)
    opened_at = at or timezone.now()
    cause = Cause.objects.create(
        slug=_slug(demand.ask),
        organisation=organisation,
        author=author,
        provenance=provenance,
        opened_at=opened_at,
        search_text=_search_text(organisation, demand),
    )
    _add_parties(cause, parties)
    _add_sources(cause, sources)
    _publish_version(cause, demand, number=1, supersedes=None, at=opened_at)
    return cause


@transaction.atomic
def revise_cause(
    *, by: User, cause: Cause, demand: Demand, at: datetime | None = None
) -> CauseVersion:
    """Reword a demand: a new version with an empty tally, linked to the one it replaces.

    A wording that nobody has voted on yet is replaced without becoming a version of its
    own. Raises PermissionDenied unless `by` is the author, ValidationError when the cause
    is not open, when nothing changed, or when it was reworded too often today.
    """
    cause = Cause.objects.select_for_update(of=("self",)).get(pk=cause.pk)
    if cause.author_id != by.pk:
        raise PermissionDenied
    if cause.state != State.OPEN or cause.hidden:
        raise ValidationError(_("Only an open cause can be reworded."), "not_open")
    demand = _checked(demand)
    old = cause.current
    assert old
    if (old.ask, old.what_changes) == (demand.ask, demand.what_changes):
        raise ValidationError(_("This is the wording that is there already."), "unchanged")
    _require_patience(cause)
    cause.search_text = _search_text(cause.organisation, demand)
    if _retire(old, at):
        new = _publish_version(cause, demand, number=old.number + 1, supersedes=old, at=at)
        ballot.turn(cid=old.cid, kind=TurningKind.VERSION, subject=new.pk, at=at)
        return new
    return _publish_version(cause, demand, number=old.number, supersedes=old.supersedes, at=at)


def _retire(version: CauseVersion, at: datetime | None) -> bool:
    """Take the box of a wording out of use; say whether the wording stays as a version.

    It does once anybody has voted on it, and also when it was corrected: that stands for good.
    The box is locked by its first change of state, so no vote slips in between.
    """
    ballot.set_box_state(cid=version.cid, state=BoxState.SUPERSEDED)
    if ballot_selectors.count_of(version.cid).touched or version.corrections.exists():
        return True
    ballot.close_box(cid=version.cid, at=at)
    version.discarded = True
    version.save(update_fields=["discarded"])
    return False


@transaction.atomic
def close_cause(*, by: User, cause: Cause, at: datetime | None = None) -> None:
    """End the vote, on all versions. Raises PermissionDenied unless author or staff."""
    if not (by.is_staff or cause.author_id == by.pk):
        raise PermissionDenied
    stored = Cause.objects.select_for_update(of=("self",)).get(pk=cause.pk)
    if stored.state == State.CLOSED:
        return
    stored.state = cause.state = State.CLOSED
    stored.closed_at = cause.closed_at = at or timezone.now()
    stored.save(update_fields=["state", "closed_at"])
    # In the order in which votes lock their boxes, so that neither waits for the other.
    for version in stored.versions.order_by("cid"):
        ballot.close_box(cid=version.cid, at=at)


@transaction.atomic
def set_hidden(*, cause: Cause, hidden: bool) -> None:
    """Hide or show a cause; while hidden, its boxes take no votes."""
    # The lock and a fresh look: a rewording at this moment changes which box is current.
    stored = Cause.objects.select_for_update(of=("self",)).get(pk=cause.pk)
    stored.hidden = cause.hidden = hidden
    stored.save(update_fields=["hidden"])
    for version in stored.versions.filter(discarded=False).order_by("cid"):
        resumed = BoxState.OPEN if version.pk == stored.current_id else BoxState.SUPERSEDED
        ballot.set_box_state(cid=version.cid, state=BoxState.SUSPENDED if hidden else resumed)


def _checked(demand: Demand) -> Demand:
    ask, what_changes = tidy(demand.ask), tidy(demand.what_changes, lines=True)
    require_words(ask)
    refuse_tricks(ask)
    refuse_tricks(what_changes)
    return Demand(ask, demand.language, what_changes)


def require_words(ask: str) -> None:
    if not search_key(ask):
        raise ValidationError(_("A demand needs words."), "empty")


def require_loser(parties: Sequence[Party]) -> None:
    if not any(party.effect in {Effect.LOSES, Effect.BOTH} for party in parties):
        raise ValidationError(
            _("Name at least one party that would lose something if the demand is granted."),
            "no_loser",
        )


def _require_calm(author: User | None) -> None:
    since = timezone.now() - timedelta(days=1)
    recent = Cause.objects.filter(author=author, opened_at__gte=since).count()
    if recent >= settings.STIMME.causes_per_day:
        raise TooManyCauses


def _require_patience(cause: Cause) -> None:
    """Every wording leaves lines in the log for good, and asks every voter again."""
    since = timezone.now() - timedelta(days=1)
    if cause.versions.filter(published_at__gte=since).count() > REWORDINGS_PER_DAY:
        raise ValidationError(
            _("This demand was reworded very often today. Please wait until tomorrow."), "too_often"
        )


def _add_parties(cause: Cause, parties: Sequence[Party]) -> None:
    for party in parties:
        refuse_tricks(party.name)
        refuse_tricks(party.how)
    AffectedParty.objects.bulk_create(
        AffectedParty(cause=cause, name=tidy(party.name), effect=party.effect, how=tidy(party.how))
        for party in parties
    )


def _add_sources(cause: Cause, sources: Sequence[Reference]) -> None:
    for source in sources:
        refuse_tricks(source.title)
    Source.objects.bulk_create(
        Source(cause=cause, title=tidy(source.title), url=source.url) for source in sources
    )


def _publish_version(
    cause: Cause,
    demand: Demand,
    *,
    number: int,
    supersedes: CauseVersion | None,
    at: datetime | None = None,
) -> CauseVersion:
    document = _document(demand, cause.organisation.name, supersedes)
    cid = cause_id(document.encode())
    version = CauseVersion.objects.create(
        cause=cause,
        number=number,
        cid=cid,
        document=document,
        ask=demand.ask,
        what_changes=demand.what_changes,
        language=demand.language,
        supersedes=supersedes,
        published_at=at or timezone.now(),
    )
    ballot.open_box(cid=cid, document=document.encode(), at=at)
    cause.current = version
    cause.save(update_fields=["current", "search_text"])
    return version


def _document(demand: Demand, organisation: str, supersedes: CauseVersion | None) -> str:
    """Return the canonical JSON that the cause id binds; the nonce keeps ids apart."""
    fields = {
        "ask": demand.ask,
        "changes": demand.what_changes,
        "lang": demand.language,
        "nonce": base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("="),
        "org": organisation,
        "supersedes": supersedes.cid if supersedes else None,
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _slug(ask: str) -> str:
    random = get_random_string(6, "abcdefghjkmnpqrstuvwxyz23456789")
    return "-".join(filter(None, [slugify(ask)[:60].strip("-"), random]))


def _search_text(organisation: Organisation, demand: Demand) -> str:
    return search_key(f"{demand.ask} {organisation.name} {demand.what_changes}")
