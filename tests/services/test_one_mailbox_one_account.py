"""One account, one vote: all addresses of a mailbox lead to the account it has."""

import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import IntegrityError, connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import (
    AddressRefused,
    account_of_confirmed_address,
    make_staff,
)

pytestmark = pytest.mark.django_db
migration = import_module("stimme.apps.accounts.migrations.0002_fair_limits")


def account_of(email: str) -> User:
    return account_of_confirmed_address(email=email, network="a network")


def test_another_address_of_the_mailbox_leads_to_its_account() -> None:
    first = account_of("alice@gmail.com")
    assert account_of("a.l.i.c.e+x@googlemail.com") == first
    assert account_of("alice+y@gmail.com") == first
    assert User.objects.get().email == "alice@gmail.com"
    addresses = EmailAddress.objects.values_list("email", "verified", "primary")
    assert list(addresses) == [("alice@gmail.com", True, True)]


def test_the_address_first_used_stays_the_one_that_mail_goes_to() -> None:
    assert account_of("alice+stimme@gmail.com") == account_of("alice@gmail.com")
    assert User.objects.get().email == "alice+stimme@gmail.com"


def test_elsewhere_similar_addresses_are_different_people() -> None:
    assert account_of("alice+x@example.org") != account_of("alice@example.org")


def test_the_database_refuses_a_second_account_of_a_mailbox() -> None:
    User.objects.create_user("alice@gmail.com")
    with pytest.raises(IntegrityError):
        User.objects.create_user("al.ice@gmail.com")


def test_staff_is_made_of_the_account_that_is_there() -> None:
    alice = account_of("alice@gmail.com")
    assert make_staff(email="Alice+office@gmail.com") == alice


@pytest.mark.django_db(transaction=True)
def test_addresses_of_one_mailbox_that_come_at_once_make_one_account() -> None:
    start = threading.Barrier(6)

    def sign_up(number: int) -> int:
        start.wait()
        try:
            return account_of(f"alice+{number}@gmail.com").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(sign_up, range(6)))) == 1


def test_accounts_from_before_go_on_by_their_addresses() -> None:
    """The oldest stands for the mailbox; a younger one is still opened by its own address."""
    names = ["al.ice@gmail.com", "alice@gmail.com", "bob@example.org"]
    old, young, bob = (User.objects.create(email=email) for email in names)
    migration.name_mailboxes(apps, BaseDatabaseSchemaEditor(connection))
    mailboxes = User.objects.order_by("pk").values_list("canonical_email", flat=True)
    assert list(mailboxes) == ["alice@gmail.com", None, "bob@example.org"]
    assert [account_of(email) for email in names] == [old, young, bob]
    assert account_of("alice+new@gmail.com") == old


def test_a_throwaway_address_makes_no_account() -> None:
    with pytest.raises(AddressRefused):
        account_of("alice@mailinator.com")
    assert not User.objects.exists()


def test_an_account_with_a_throwaway_address_goes_on() -> None:
    alice = User.objects.create_user("alice@mailinator.com")
    assert account_of("alice@mailinator.com") == alice
    assert account_of("alice@mailinator.com") == alice
