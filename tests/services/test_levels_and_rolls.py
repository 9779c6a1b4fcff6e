"""R5: no cause ever has more seats of a level than the last roll has accounts of it."""

from allauth.mfa.models import Authenticator

from stimme.apps.accounts.levels import Level
from stimme.apps.accounts.models import User
from stimme.apps.accounts.selectors import accounts_by_level
from stimme.apps.accounts.services import current_level, erase_account


def with_passkey(user: User) -> User:
    Authenticator.objects.create(user=user, type="webauthn", data={})
    current_level(user=user)
    return user


def test_a_level_once_reached_stays_on_the_roll(charlie: User) -> None:
    with_passkey(charlie)
    Authenticator.objects.all().delete()
    assert current_level(user=charlie) == Level.EMAIL
    assert accounts_by_level()[Level.PASSKEY] == 1


def test_an_erased_account_stays_on_the_roll_of_the_level_it_had_reached(charlie: User) -> None:
    read_before = User.objects.get(pk=charlie.pk)
    with_passkey(charlie)
    erase_account(user=read_before)
    assert accounts_by_level() == {
        Level.EMAIL: 1,
        Level.PASSKEY: 1,
        Level.MEMBER: 0,
        Level.STATE_EID: 0,
    }


def test_erasing_twice_counts_once(charlie: User) -> None:
    again = User.objects.get(pk=charlie.pk)
    erase_account(user=charlie)
    erase_account(user=again)
    assert accounts_by_level()[Level.EMAIL] == 1


def test_a_level_never_sinks_by_a_request_that_knows_less(charlie: User) -> None:
    User.objects.filter(pk=charlie.pk).update(level_reached=Level.MEMBER)
    with_passkey(charlie)  # as it was read before
    assert accounts_by_level()[Level.MEMBER] == 1
