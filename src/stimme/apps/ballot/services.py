"""All writing of the ballot but sealing: boxes, votes, and the lines they leave."""

import secrets
import time
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from stimme import keys
from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import Voter, current_level, voter_of
from stimme.apps.ballot import papers
from stimme.apps.ballot.casting import Cast, Vote, cast
from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.door.requests import BallotRequest
from stimme.apps.ballot.door.signatures import holds
from stimme.apps.ballot.door.voting import vote_of
from stimme.apps.ballot.errors import BadVoteSignature, BallotError, OpenedBefore
from stimme.apps.ballot.links import link_of
from stimme.apps.ballot.models import Box, ImportedSigners, PendingLine, State
from stimme.apps.ballot.papers import NOTHING, Shown
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.rekeying import rekey, release
from stimme.apps.ballot.removals import annul, reinstate
from stimme.apps.ballot.seats import seats_of
from stimme.apps.ballot.selectors import own_seats
from stimme.apps.ballot.tables import tables_of
from stimme.apps.ballot.turning import stand_by, turn
from stimme.engines.translog import (
    CauseLine,
    CloseLine,
    TextLine,
    document_hash,
    hour_of,
    text_commitment,
)

__all__ = [
    "annul",
    "append_text",
    "cast_batch",
    "cast_form",
    "cast_vote",
    "close_box",
    "issue_paper",
    "link_of",
    "open_box",
    "register_imported_signers",
    "reinstate",
    "rekey",
    "set_box_state",
    "stand_by",
    "turn",
    "withdraw_all",
]

_WITHDRAWN_AT_ONCE = 400  # boxes looked at in one batch, and so votes in one commit


@transaction.atomic
def open_box(*, cid: str, document: bytes, at: datetime | None = None) -> Box:
    """Open a ballot box for one version of a demand; the log learns of it."""
    box = Box.objects.create(cid=cid)
    _write(CauseLine(cid, document_hash(document), hour_of(at or timezone.now())))
    return box


@transaction.atomic
def close_box(*, cid: str, at: datetime | None = None) -> None:
    """Close a box for good. Votes acknowledged before are sealed before the close line."""
    box = Box.objects.select_for_update().get(cid=cid)
    if box.state == State.CLOSED:
        return
    box.state = State.CLOSED
    box.save(update_fields=["state"])
    _write(CloseLine(cid, hour_of(at or timezone.now())))


def set_box_state(*, cid: str, state: State) -> None:
    """Suspend, reopen or supersede a box. Raises ValueError for CLOSED, which is `close_box`."""
    if state == State.CLOSED:
        message = "closing leaves a line in the log: use close_box"
        raise ValueError(message)
    Box.objects.filter(cid=cid).exclude(state=State.CLOSED).update(state=state)


def issue_paper(*, user: User, session: str, cid: str, shown: Shown = NOTHING) -> str:
    """Return the ballot paper of a signed-in person for one box, bound to their session.

    Raises OpenedBefore.
    """
    return paper_of(voter_of(user=user), session=session, cid=cid, shown=shown)


def paper_of(voter: Voter, *, session: str, cid: str, shown: Shown = NOTHING) -> str:
    """Return the same for whoever has read the voter already. Raises OpenedBefore."""
    pseudonym = pseudonym_of(secret=voter.secret, cid=cid)
    if voter.since:
        _refuse_second_vote(voter.since, cid, pseudonym)
    key = keys.load(settings.STIMME.keys_dir, "paper")
    level = voter.level
    return papers.issue(key, session, cid=cid, pseudonym=pseudonym, level=level, shown=shown)


def _refuse_second_vote(since: datetime, cid: str, pseudonym: str) -> None:
    """Let an account change votes of its own, and give first ones in boxes opened after `since`."""
    opened_since = Box.objects.filter(cid=cid, opened_at__gt=since)
    if not (opened_since.exists() or seats_of([(cid, pseudonym)])):
        raise OpenedBefore(since)


def cast_vote(*, paper: str, session: str, choice: str) -> Cast:
    """Take one vote: paper and choice are all it needs.

    The same choice again is the same vote and no error. Raises BallotError; then nothing
    was stored. When it returns, the vote is on disk and its promise can be signed.
    """
    return cast_form(ballot=BallotRequest(paper, choice), session=session)


def cast_form(*, ballot: BallotRequest, session: str) -> Cast:
    """Take the vote of a form, with its signature where it has one: never without.

    Whoever signed wants to be bound, and what the door refused is no vote here either. Raises
    as `cast_vote`.
    """
    key = keys.load(settings.STIMME.keys_dir, "paper")
    vote = vote_of(key, ballot, session, now=timezone.now().timestamp())
    if vote.vk and not holds(settings.STIMME.origin, vote):
        raise BadVoteSignature
    [result] = cast_batch([vote])
    if isinstance(result, BallotError):
        raise result
    return result


def cast_batch(votes: Sequence[Vote]) -> list[Cast | BallotError]:
    """Take votes in order and answer each; all that are counted share one commit."""
    for _ in votes:
        try:
            return _cast_batch(votes)
        except IntegrityError:
            continue  # somebody made one of these seats at this moment: one less is new
    return _cast_batch(votes)


@transaction.atomic
def _cast_batch(votes: Sequence[Vote]) -> list[Cast | BallotError]:
    deadline = int(time.time()) + settings.STIMME.promise_deadline
    tables = tables_of(connection.vendor)
    with connection.cursor() as cursor:
        return cast(cursor, tables, votes, deadline=deadline)


def withdraw_all(*, user: User) -> int:
    """Withdraw every vote of the account that still can be, and return how many those were.

    Votes in closed boxes stay, as they do for everybody. Those bound to a key are given into
    custody first: who leaves may have lost it. Each bounded batch is a commit of
    its own; calling again goes on after an interruption.
    """
    withdrawable = Box.objects.exclude(state=State.CLOSED)
    cids = list(withdrawable.order_by("cid").values_list("cid", flat=True))
    batches = (cids[i : i + _WITHDRAWN_AT_ONCE] for i in range(0, len(cids), _WITHDRAWN_AT_ONCE))
    return sum(_withdraw(user, batch) for batch in batches)


def _withdraw(user: User, cids: list[str]) -> int:
    level, hour = current_level(user=user), hour_of(timezone.now())
    seats = own_seats(user=user, cids=cids).values()
    standing = [seat for seat in seats if seat.choice != Choice.WITHDRAWN]
    release(user=user, cids=[seat.cid for seat in standing if seat.bound_to])
    votes = [Vote(seat.cid, seat.p, Choice.WITHDRAWN.value, level, hour) for seat in standing]
    results = cast_batch(votes)
    return sum(isinstance(result, Cast) and result.changed for result in results)


def append_text(*, kind: str, cid: str, text: str) -> bytes:
    """Commit to a text in the log by a salted hash, and return the 32-byte salt."""
    salt = secrets.token_bytes(32)
    _write(TextLine(kind, cid, text_commitment(salt, text), hour_of(timezone.now())))
    return salt


def register_imported_signers(*, source: str, number: int) -> None:
    """Put on record how many signers a file brought: the `roll` of level 9 counts them."""
    ImportedSigners.objects.update_or_create(source=source, defaults={"number": number})


def _write(line: CauseLine | CloseLine | TextLine) -> None:
    text = str(line)
    PendingLine.objects.create(cid=line.cid, kind=line.WORD, text=text)
