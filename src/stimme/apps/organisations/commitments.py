"""Writing of commitments: what an organisation said it would do, and whether it did."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _

from stimme.apps.accounts.models import User
from stimme.apps.ballot.models import TurningKind
from stimme.apps.ballot.services import append_text, turn
from stimme.apps.organisations.models import (
    SETTLED,
    Commitment,
    CommitmentStatus,
    Decision,
    Keeping,
)
from stimme.apps.organisations.recording import cid_of, plain, require_past, require_right

_YEARS = 100
_DAY = dt.timedelta(days=1)
_require_https = URLValidator(schemes=["https"])


@transaction.atomic
def record_commitment(
    *, by: User, decision: Decision, what: str, due_on: dt.date, how_seen: str
) -> Commitment:
    """Record what was promised together with a decision; the log keeps a commitment to the text.

    Nobody is asked for it: the decision has asked. Raises PermissionDenied unless `by` is staff,
    ValidationError for a day that is not in the century after the decision, or when it is
    recorded already.
    """
    require_right(by)
    decision = Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
    _require_within_reach(due_on, after=decision.decided_on)
    commitment = Commitment(
        decision=decision,
        what=plain(what),
        due_on=due_on,
        how_seen=plain(how_seen),
        ask_on=due_on + _DAY,
        recorded_by=by,
    )
    if decision.commitments.filter(what=commitment.what, due_on=due_on).exists():
        raise ValidationError(_("This commitment is recorded already."), "unchanged")
    cid = cid_of(decision.cause)
    commitment.salt = append_text(kind="commitment", cid=cid, text=commitment.text)
    commitment.save()
    return commitment


@transaction.atomic
def record_status(
    *,
    by: User,
    commitment: Commitment,
    status: str,
    note: str,
    since: dt.date,
    evidence_url: str = "",
    new_due_on: dt.date | None = None,
) -> CommitmentStatus:
    """Record what became of a commitment; when it was kept or broken, all who voted are asked.

    Raises PermissionDenied unless `by` is staff; ValidationError for a day to come or before the
    decision, for kept or broken without evidence, for revised without a later day, and for what
    holds already: whoever sends a form twice must not ask everybody twice.
    """
    require_right(by)
    commitment = _locked(commitment)
    found = CommitmentStatus(
        commitment=commitment,
        status=status,
        note=plain(note, lines=True),
        evidence_url=evidence_url,
        new_due_on=new_due_on,
        since=since,
        recorded_by=by,
    )
    _require_right_day(found)
    _require_evidence(found)
    _require_change(found)
    found.save()
    _ask_later(commitment)
    if found.status in SETTLED:
        _turn(commitment)
    return found


def _locked(commitment: Commitment) -> Commitment:
    rows = Commitment.objects.select_for_update(of=("self",))
    return rows.select_related("decision__cause__current").get(pk=commitment.pk)


def _require_right_day(found: CommitmentStatus) -> None:
    require_past(found.since)
    if found.since < found.commitment.decision.decided_on:
        raise ValidationError(_("This day lies before the decision."), "too_early")
    if (found.status == Keeping.REVISED) != bool(found.new_due_on):
        raise ValidationError(_("Give a new day for what was revised, and only then."), "new_day")
    if found.new_due_on:
        _require_within_reach(found.new_due_on, after=found.since)


def _require_within_reach(day: dt.date, *, after: dt.date) -> None:
    if day <= after:
        raise ValidationError(_("It can only be due later than that."), "too_early")
    if day.year > after.year + _YEARS:
        raise ValidationError(_("Nobody who votes now will see that day."), "too_late")


def _require_evidence(found: CommitmentStatus) -> None:
    if found.evidence_url:
        _require_https(found.evidence_url)
    elif found.status in SETTLED:
        raise ValidationError(_("Say where everybody can see this."), "no_evidence")


def _require_change(found: CommitmentStatus) -> None:
    before = found.commitment
    if found.status not in Keeping.values:
        raise ValidationError(_("Say whether it was kept, broken or revised."), "unknown")
    is_same_day = found.new_due_on in {None, before.due_now}
    if found.status == before.status and is_same_day:
        raise ValidationError(_("This is what stands here already."), "unchanged")


def _ask_later(commitment: Commitment) -> None:
    settled = commitment.status in SETTLED
    commitment.ask_on = None if settled else commitment.due_now + _DAY
    commitment.save(update_fields=["ask_on"])


def ask_about_due(today: dt.date) -> int:
    """Ask all who voted where a commitment was due before `today` and nobody says it was kept.

    Each is asked about once for each day that it was due; calling again asks nobody twice. Those
    of hidden causes wait. Returns the number of commitments asked about.
    """
    due = Commitment.objects.filter(ask_on__lte=today, decision__cause__hidden=False)
    return sum(_ask(commitment, today) for commitment in due.order_by("ask_on", "pk"))


@transaction.atomic
def _ask(commitment: Commitment, today: dt.date) -> bool:
    commitment = _locked(commitment)
    if commitment.ask_on is None or commitment.ask_on > today:
        return False  # somebody asked, or recorded its status, at this moment
    commitment.ask_on = None
    commitment.save(update_fields=["ask_on"])
    _turn(commitment)
    return True


def _turn(commitment: Commitment) -> None:
    cid = cid_of(commitment.decision.cause)
    turn(cid=cid, kind=TurningKind.COMMITMENT, subject=commitment.pk)
