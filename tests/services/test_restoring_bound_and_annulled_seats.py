"""After an old backup: keys that bind votes, and annulments, are what the log says of them."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils import timezone

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import account_secret
from stimme.apps.ballot.casting import Cast, Vote
from stimme.apps.ballot.errors import BallotError, KeyNeeded
from stimme.apps.ballot.models import Seat
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.restoring import restore
from stimme.apps.ballot.sealer import seal
from stimme.apps.ballot.services import annul, cast_batch, reinstate, rekey
from stimme.apps.causes.models import Cause
from stimme.engines.translog import b64, hour_of, unsigned_vote, vote_signing_text
from tests.auditing import audited
from tests.backups import backup, put_back, state
from tests.house import lines, version_of, vote

pytestmark = pytest.mark.django_db
FIRST, SECOND, THIRD = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3))


@pytest.fixture
def cid(cause: Cause) -> str:
    return version_of(cause).cid


def vk_of(key: Ed25519PrivateKey) -> str:
    return b64(key.public_key().public_bytes_raw())


def p_of(user: User, cid: str) -> str:
    return pseudonym_of(secret=account_secret(user=user), cid=cid)


def signed(user: User, cid: str, choice: str, seq: int, key: Ed25519PrivateKey) -> Cast:
    """Vote as a browser with a key does, past the door that checks the signature."""
    p, hour, vk = p_of(user, cid), hour_of(timezone.now()), vk_of(key)
    line = unsigned_vote(cid, p, seq, choice, "0", hour, vk)
    sig = b64(key.sign(vote_signing_text(settings.STIMME.origin, line)))
    [result] = cast_batch([Vote(cid, p, choice, 0, hour, seq, vk, sig)])
    if isinstance(result, BallotError):
        raise result
    return result


def test_keys_and_annulments_come_back_with_the_votes(
    cause: Cause, cid: str, alice: User, bob: User, charlie: User
) -> None:
    vote(alice, cause, "for")
    signed(bob, cid, "for", 0, FIRST)
    seal(everything=True)
    old = backup()
    signed(charlie, cid, "against", 0, SECOND)
    rekey(user=bob, cid=cid, vk=vk_of(THIRD))
    annul(cid=cid, pseudonyms=[p_of(alice, cid), p_of(charlie, cid)], reason="bot")
    reinstate(cid=cid, pseudonyms=[p_of(charlie, cid)])
    rekey(user=charlie, cid=cid, vk=None)
    seal(everything=True)
    before = state()
    put_back(old)
    restore()
    assert state() == before
    audited()
    signed(bob, cid, "against", 1, THIRD)
    vote(charlie, cause, "for")
    audited()


@pytest.mark.parametrize("undone", [False, True])
def test_an_annulment_alone_comes_back_and_is_counted(
    cause: Cause, cid: str, alice: User, charlie: User, *, undone: bool
) -> None:
    vote(alice, cause, "for")
    vote(charlie, cause, "for")
    annul(cid=cid, pseudonyms=[p_of(charlie, cid)], reason="bot")
    seal(everything=True)
    old = backup()
    if undone:
        reinstate(cid=cid, pseudonyms=[p_of(charlie, cid)])
    else:
        annul(cid=cid, pseudonyms=[p_of(alice, cid)], reason="duplicate")
    seal(everything=True)
    before = state()
    put_back(old)
    restore()
    assert state() == before
    audited()


def test_a_vote_cast_with_a_key_that_the_log_has_replaced_is_displaced(
    cid: str, charlie: User
) -> None:
    signed(charlie, cid, "for", 0, FIRST)
    seal(everything=True)
    old = backup()
    rekey(user=charlie, cid=cid, vk=vk_of(SECOND))
    seal(everything=True)
    before = state()
    put_back(old)
    signed(charlie, cid, "against", 1, FIRST)
    assert restore().displaced == 1
    assert state() == before
    with pytest.raises(KeyNeeded):
        signed(charlie, cid, "against", 1, FIRST)
    signed(charlie, cid, "against", 1, SECOND)
    audited()


def test_a_custodial_vote_does_not_follow_restored_ones_that_bind_the_seat(
    cause: Cause, cid: str, charlie: User
) -> None:
    seal(everything=True)
    old = backup()
    signed(charlie, cid, "for", 0, FIRST)
    seal(everything=True)
    before = state()
    put_back(old)
    vote(charlie, cause, "against")
    assert restore().displaced == 1
    assert state() == before
    audited()


def test_a_custodial_vote_does_not_follow_a_restored_key(
    cause: Cause, cid: str, charlie: User
) -> None:
    signed(charlie, cid, "for", 0, FIRST)
    rekey(user=charlie, cid=cid, vk=None)
    seal(everything=True)
    old = backup()
    vote(charlie, cause, "against")
    rekey(user=charlie, cid=cid, vk=vk_of(SECOND))
    seal(everything=True)
    before = state()
    put_back(old)
    vote(charlie, cause, "withdrawn")
    assert restore().displaced == 1
    assert state() == before
    audited()


def test_a_custodial_vote_follows_restored_ones_of_a_seat_that_was_given_back(
    cause: Cause, cid: str, charlie: User
) -> None:
    signed(charlie, cid, "for", 0, FIRST)
    seal(everything=True)
    old = backup()
    rekey(user=charlie, cid=cid, vk=None)
    vote(charlie, cause, "against")
    seal(everything=True)
    put_back(old)
    rekey(user=charlie, cid=cid, vk=None)
    vote(charlie, cause, "withdrawn")
    assert restore().displaced == 1
    assert Seat.objects.get().line.choice == "withdrawn"
    audited()


def test_a_rekey_after_the_restored_backup_follows_the_one_before(cid: str, charlie: User) -> None:
    signed(charlie, cid, "for", 0, FIRST)
    seal(everything=True)
    old = backup()
    rekey(user=charlie, cid=cid, vk=vk_of(SECOND))
    seal(everything=True)
    put_back(old)
    rekey(user=charlie, cid=cid, vk=vk_of(THIRD))
    restore()
    with pytest.raises(KeyNeeded):
        signed(charlie, cid, "against", 1, SECOND)
    signed(charlie, cid, "against", 1, THIRD)
    rekey(user=charlie, cid=cid, vk=vk_of(FIRST))
    audited()
    numbers = [line.split(" ")[4] for line in lines(kind="rekey")]
    assert numbers == ["1", "2", "3"]


def test_an_annulment_after_the_restored_backup_follows_what_the_log_says(
    cause: Cause, cid: str, alice: User, charlie: User
) -> None:
    vote(alice, cause, "for")
    vote(charlie, cause, "for")
    seal(everything=True)
    old = backup()
    annul(cid=cid, pseudonyms=[p_of(alice, cid)], reason="bot")
    reinstate(cid=cid, pseudonyms=[p_of(alice, cid)])
    annul(cid=cid, pseudonyms=[p_of(charlie, cid)], reason="bot")
    seal(everything=True)
    put_back(old)
    annul(cid=cid, pseudonyms=[p_of(alice, cid)], reason="duplicate")
    restore()
    seats = Seat.objects.values_list("p", "annulled")
    assert dict(seats) == {p_of(alice, cid): "duplicate", p_of(charlie, cid): "bot"}
    audited()


def test_an_annulment_of_a_vote_that_is_taken_back_goes_with_it(
    cause: Cause, cid: str, alice: User, charlie: User
) -> None:
    from stimme.apps.causes.services import close_cause

    seal(everything=True)
    old = backup()
    close_cause(by=alice, cause=cause)
    seal(everything=True)
    put_back(old)
    Cause.objects.filter(pk=cause.pk).update(state="open", closed_at=None)
    vote(charlie, cause, "for")
    annul(cid=cid, pseudonyms=[p_of(charlie, cid)], reason="bot")
    restore()
    assert Seat.objects.count() == 0
    audited()
