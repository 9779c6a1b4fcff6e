"""An old backup knows nothing of later annulments; the published log does."""

import pytest

from stimme.apps.accounts.models import User
from stimme.apps.ballot.models import PendingLine
from stimme.apps.ballot.recounting import wrong_tallies
from stimme.apps.ballot.removals import annul, reinstate
from stimme.apps.ballot.restoring import restore
from stimme.apps.ballot.sealer import seal
from stimme.apps.ballot.selectors import count_of, own_seats
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import close_cause
from tests.auditing import audited
from tests.backups import backup, put_back, state
from tests.house import version_of, vote

pytestmark = pytest.mark.django_db


def seat_of(user: User, cid: str) -> str:
    return own_seats(user=user, cids=[cid])[cid].p


def test_annulments_that_the_database_lost_are_counted_again(
    cause: Cause, alice: User, charlie: User
) -> None:
    for user in (alice, charlie):
        vote(user, cause, "for")
    seal(everything=True)
    old, cid = backup(), version_of(cause).cid
    annul(cid=cid, pseudonyms=[seat_of(charlie, cid)], reason="bot")
    seal(everything=True)
    kept = state()
    put_back(old)
    restore()
    assert state() == kept
    assert (count_of(cid).votes_for, count_of(cid).raw_for) == (1, 2)
    assert wrong_tallies() == []


def test_what_staff_did_since_the_backup_was_restored_holds(
    cause: Cause, alice: User, charlie: User
) -> None:
    for user in (alice, charlie):
        vote(user, cause, "for")
    seal(everything=True)
    old, cid = backup(), version_of(cause).cid
    annul(cid=cid, pseudonyms=[seat_of(charlie, cid)], reason="bot")
    seal(everything=True)
    put_back(old)
    annul(cid=cid, pseudonyms=[seat_of(charlie, cid)], reason="law")
    reinstate(cid=cid, pseudonyms=[seat_of(charlie, cid)])
    restore()
    assert count_of(cid).votes_for == 2
    audited()


def test_an_annulled_vote_that_is_taken_back_leaves_no_line(
    cause: Cause, alice: User, charlie: User
) -> None:
    vote(alice, cause, "for")
    seal(everything=True)
    old, cid = backup(), version_of(cause).cid
    close_cause(by=alice, cause=cause)
    seal(everything=True)
    put_back(old)
    vote(charlie, cause, "against")
    annul(cid=cid, pseudonyms=[seat_of(charlie, cid)], reason="bot")
    restore()
    assert not PendingLine.objects.exists()
    audited()
