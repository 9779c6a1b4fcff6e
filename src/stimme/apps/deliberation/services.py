"""Giving reasons and marking them. Nobody's account is stored with either: only pseudonyms."""

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from stimme.apps.accounts.limits import Rate, take
from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import account_secret, voter_of
from stimme.apps.ballot.errors import OpenedBefore
from stimme.apps.ballot.models import Box, State
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.services import append_text, paper_of
from stimme.apps.deliberation.models import LONGEST, Mark, Side, Statement, this_hour
from stimme.apps.deliberation.selectors import is_own, own_pseudonyms
from stimme.text import refuse_tricks, search_key, tidy

if TYPE_CHECKING:
    from stimme.apps.causes.models import Cause

_HOUR = 3600.0
STATEMENTS = Rate(burst=5, every=_HOUR / 5)  # of one account, counting each wording
MARKS = Rate(burst=60, every=_HOUR / 60)
MOST_AT_ONCE = 3  # statements of one person on one cause, without those that were withdrawn
_AT_ONCE = 400  # boxes looked at in one query

is_web_address = URLValidator(["http", "https"])


class TooOften(Exception):
    """The account did this as often as one account may, for now."""


@transaction.atomic
def post_statement(
    *, by: User, cause: "Cause", side: str, text: str, source_url: str = ""
) -> Statement:
    """Publish a reason for or against an open cause; the log keeps a commitment to its text.

    Raises ValidationError for a text that is too long or has tricks, a source that is no web
    address, a cause that takes no votes, somebody who may not vote on it, or has given enough
    reasons there; TooOften.
    """
    text = _checked(text, source_url)
    if side not in Side.values:
        raise ValidationError(_("A reason is for or against."), "side")
    # Locked, so that two reasons at once get two numbers.
    locked = type(cause).objects.select_for_update(of=("self",)).select_related("current")
    cause = locked.get(pk=cause.pk)
    cid = _open_box(cause)
    p = _voter_in(cid, by)
    own = cause.statements.filter(p__in=own_pseudonyms(user=by, cause_pk=cause.pk))
    if own.filter(withdrawn_at=None).count() >= MOST_AT_ONCE:
        raise ValidationError(
            _("You have given as many reasons here as one person can. Withdraw one first."),
            "enough",
        )
    _take_turn(by, "statements", STATEMENTS)
    last = cause.statements.aggregate(number=Max("number"))["number"] or 0
    return Statement.objects.create(
        cause=cause,
        cid=cid,
        p=p,
        number=last + 1,
        side=side,
        **_worded(cid, text, source_url),
    )


@transaction.atomic
def edit_statement(*, by: User, statement: Statement, text: str, source_url: str = "") -> Statement:
    """Word an own reason anew while nobody has marked it; the log keeps a commitment to each.

    Raises PermissionDenied unless it is theirs; ValidationError as `post_statement`, and when it
    is frozen, hidden or withdrawn; TooOften.
    """
    text = _checked(text, source_url)
    statement = _locked(statement)
    if not is_own(user=by, statement=statement):
        raise PermissionDenied
    _require_shown(statement)
    _open_box(statement.cause)
    if statement.marks.exists():
        raise ValidationError(
            _("Others have marked this reason, so its words stay. You can withdraw it."), "frozen"
        )
    _take_turn(by, "statements", STATEMENTS)
    for name, value in _worded(statement.cid, text, source_url).items():
        setattr(statement, name, value)
    statement.wording += 1
    statement.save()
    return statement


@transaction.atomic
def withdraw_statement(*, by: User, statement: Statement) -> None:
    """Take an own reason back, at any time; its text is deleted. Raises PermissionDenied."""
    if not is_own(user=by, statement=statement):
        raise PermissionDenied
    _withdraw(Statement.objects.filter(pk=statement.pk))


@transaction.atomic
def mark(*, by: User, statement: Statement, wording: int) -> None:
    """Say that a reason is a good one, in the `wording` that was read; twice is once.

    Raises ValidationError for an own reason, one that is hidden, withdrawn or worded anew
    meanwhile, for a cause that takes no votes, and for somebody who may not vote; TooOften.
    """
    statement = _locked(statement)
    _require_shown(statement)
    cid = _open_box(statement.cause)
    p = _voter_in(cid, by)
    if is_own(user=by, statement=statement):
        raise ValidationError(_("This reason is your own."), "own")
    if statement.wording != wording:
        raise ValidationError(
            _("Its author has just changed the words. Read it again before you mark it."),
            "reworded",
        )
    if not statement.marks.filter(cid=cid, p=p).exists():
        _take_turn(by, "marks", MARKS)
        Mark.objects.create(statement=statement, cid=cid, p=p)


@transaction.atomic
def unmark(*, by: User, statement: Statement) -> None:
    """Take an own mark back; without one nothing happens. Raises ValidationError once closed."""
    cid = _open_box(statement.cause)
    p = pseudonym_of(secret=account_secret(user=by), cid=cid)
    Mark.objects.filter(statement=statement, cid=cid, p=p).delete()


def withdraw_everything(*, user: User) -> None:
    """Take back every reason and mark of the account, on whatever cause and version."""
    secret = account_secret(user=user)
    boxes = Statement.objects.order_by().values_list("cid").union(Mark.objects.values_list("cid"))
    cids = sorted(cid for (cid,) in boxes)
    for start in range(0, len(cids), _AT_ONCE):
        own = [pseudonym_of(secret=secret, cid=cid) for cid in cids[start : start + _AT_ONCE]]
        with transaction.atomic():
            _withdraw(Statement.objects.filter(p__in=own))
            Mark.objects.filter(cid__in=cids[start : start + _AT_ONCE], p__in=own).delete()


def _withdraw(statements: QuerySet[Statement]) -> None:
    statements.filter(withdrawn_at=None).update(
        withdrawn_at=this_hour(), text="", source_url="", search_text="", salt=b""
    )


def _checked(text: str, source_url: str) -> str:
    text = tidy(text)
    refuse_tricks(text)
    refuse_tricks(source_url)
    if source_url:
        is_web_address(source_url)
    require_words(text)
    if len(text) > LONGEST:
        raise ValidationError(_("This text is too long."), "too_long")
    return text


def require_words(text: str) -> None:
    """Raise ValidationError for a text without letters and figures."""
    if not search_key(text):
        raise ValidationError(_("A reason needs words."), "empty")


def _worded(cid: str, text: str, source_url: str) -> dict[str, str | bytes]:
    """Commit to a text in the log, and return the fields that depend on it."""
    return {
        "text": text,
        "source_url": source_url,
        "search_text": search_key(text),
        "salt": append_text(kind="statement", cid=cid, text=text),
    }


def _locked(statement: Statement) -> Statement:
    """Read it again, so that nobody marks a text while its author changes it."""
    statements = Statement.objects.select_for_update(of=("self",))
    return statements.select_related("cause__current").get(pk=statement.pk)


def _require_shown(statement: Statement) -> None:
    if statement.hidden or statement.withdrawn_at:
        raise ValidationError(_("This reason is not shown any more."), "gone")


def _open_box(cause: "Cause") -> str:
    """Return the cause's box if votes can be added to it: where one can vote one can argue."""
    assert cause.current
    cid = cause.current.cid
    if not Box.objects.filter(cid=cid, state=State.OPEN).exists():
        raise ValidationError(_("This cause takes no votes any more, and no reasons."), "not_open")
    return cid


def _voter_in(cid: str, user: User) -> str:
    """Return the pseudonym of somebody who may vote in this box."""
    voter = voter_of(user=user)
    try:
        paper_of(voter, session="", cid=cid)  # is refused to whoever may not vote
    except OpenedBefore as error:
        raise ValidationError(str(error.sentence), error.code) from error
    return pseudonym_of(secret=voter.secret, cid=cid)


def _take_turn(user: User, what: str, rate: Rate) -> None:
    if not take(key=f"{what}:{user.pk}", rate=rate):
        raise TooOften
