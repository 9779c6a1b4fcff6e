"""A vote gets another key, or none, after its voter lost the first: never unseen."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils import timezone

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import account_secret
from stimme.apps.ballot.casting import Cast, Vote
from stimme.apps.ballot.errors import BallotError, BoxClosed, ChangedTooOften, KeyNeeded, NotBound
from stimme.apps.ballot.errors import UnknownBox as NoBox
from stimme.apps.ballot.models import Seat
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.rekeying import REKEYS
from stimme.apps.ballot.sealer import seal
from stimme.apps.ballot.services import cast_batch, rekey
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import close_cause
from stimme.engines.translog import b64, hour_of, unsigned_vote, vote_signing_text
from stimme.web.leaving import leave
from tests.auditing import audited
from tests.house import lines, seats_counted, version_of, vote

FIRST, SECOND = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))


def vk_of(key: Ed25519PrivateKey) -> str:
    return b64(key.public_key().public_bytes_raw())


@pytest.fixture
def cid(cause: Cause) -> str:
    return version_of(cause).cid


def signed(user: User, cid: str, choice: str, seq: int, key: Ed25519PrivateKey) -> Cast:
    """Vote as a browser with a key does, past the door that checks the signature."""
    p = pseudonym_of(secret=account_secret(user=user), cid=cid)
    hour, vk = hour_of(timezone.now()), vk_of(key)
    line = unsigned_vote(cid, p, seq, choice, "0", hour, vk)
    sig = b64(key.sign(vote_signing_text(settings.STIMME.origin, line)))
    [result] = cast_batch([Vote(cid, p, choice, 0, hour, seq, vk, sig)])
    if isinstance(result, BallotError):
        raise result
    return result


def test_after_a_rekey_the_new_key_alone_changes_the_vote(cid: str, charlie: User) -> None:
    signed(charlie, cid, "for", 0, FIRST)
    rekey(user=charlie, cid=cid, vk=vk_of(SECOND))
    with pytest.raises(KeyNeeded):
        signed(charlie, cid, "against", 1, FIRST)
    signed(charlie, cid, "against", 1, SECOND)
    audited()


def test_in_custody_no_key_is_needed_and_none_is_taken(
    cause: Cause, cid: str, charlie: User
) -> None:
    signed(charlie, cid, "for", 0, FIRST)
    with pytest.raises(KeyNeeded):
        vote(charlie, cause, "against")
    rekey(user=charlie, cid=cid, vk=None)
    with pytest.raises(KeyNeeded):
        signed(charlie, cid, "against", 1, FIRST)
    vote(charlie, cause, "against")
    audited()


def test_each_rekey_is_a_numbered_line(cid: str, charlie: User) -> None:
    signed(charlie, cid, "for", 0, FIRST)
    for vk in [vk_of(SECOND), vk_of(SECOND), None, None, vk_of(FIRST)]:
        rekey(user=charlie, cid=cid, vk=vk)
    told = [line.split(" ")[4:6] for line in lines(kind="rekey")]
    assert told == [["1", vk_of(SECOND)], ["2", "-"], ["3", vk_of(FIRST)]]
    seat = Seat.objects.get(cid=cid)
    assert (seat.rekeys, seat.bound_to) == (3, vk_of(FIRST))
    audited()


def test_who_never_had_a_key_needs_none(cause: Cause, cid: str, charlie: User) -> None:
    with pytest.raises(NotBound):
        rekey(user=charlie, cid=cid, vk=None)
    vote(charlie, cause, "for")
    with pytest.raises(NotBound):
        rekey(user=charlie, cid=cid, vk=vk_of(FIRST))
    assert lines(kind="rekey") == []


def test_nobody_gives_a_key_to_the_vote_of_another(cid: str, alice: User, charlie: User) -> None:
    signed(charlie, cid, "for", 0, FIRST)
    with pytest.raises(NotBound):
        rekey(user=alice, cid=cid, vk=vk_of(SECOND))
    assert Seat.objects.get(cid=cid).bound_to == vk_of(FIRST)


def test_where_no_vote_can_change_no_key_can(cause: Cause, cid: str, alice: User) -> None:
    signed(alice, cid, "for", 0, FIRST)
    close_cause(by=alice, cause=cause)
    with pytest.raises(BoxClosed):
        rekey(user=alice, cid=cid, vk=None)
    with pytest.raises(NoBox):
        rekey(user=alice, cid="A" * 22, vk=None)


def test_one_account_does_not_fill_the_log_with_rekeys(cid: str, charlie: User) -> None:
    signed(charlie, cid, "for", 0, FIRST)
    for number in range(REKEYS.burst):
        rekey(user=charlie, cid=cid, vk=None if number % 2 else vk_of(SECOND))
    with pytest.raises(ChangedTooOften):
        rekey(user=charlie, cid=cid, vk=vk_of(SECOND))
    assert len(lines(kind="rekey")) == REKEYS.burst


def test_who_leaves_can_withdraw_votes_whose_key_is_lost(cid: str, charlie: User) -> None:
    signed(charlie, cid, "for", 0, FIRST)
    seal(everything=True)
    assert leave(user=charlie, withdraw=True) == 1
    assert seats_counted() == {(cid, "withdrawn", "0"): 1}
    assert [line.split(" ")[1] for line in lines(cid=cid)][-2:] == ["rekey", "vote"]
    audited()


def test_votes_that_stay_when_their_voter_leaves_keep_their_key(cid: str, charlie: User) -> None:
    signed(charlie, cid, "for", 0, FIRST)
    leave(user=charlie, withdraw=False)
    assert Seat.objects.get(cid=cid).bound_to == vk_of(FIRST)
