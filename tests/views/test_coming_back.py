"""Who comes back with the same mailbox reads plainly what it can vote on, and why."""

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import account_of_confirmed_address
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import close_cause
from stimme.web.leaving import leave
from tests.house import start_cause, vote
from tests.sign_in import sign_in
from tests.visitors import text_of, visitor


def today() -> str:
    return date_format(timezone.localdate(), "DATE_FORMAT")


@pytest.fixture
def back(cause: Cause, charlie: User) -> Client:
    """Charlie's browser: voted, left, and signed up again."""
    vote(charlie, cause, "for")
    leave(user=charlie, withdraw=False)
    return visitor(account_of_confirmed_address(email=charlie.email, network="a network"))


def test_the_cause_says_why_there_is_no_vote(cause: Cause, back: Client) -> None:
    page = text_of(back.get(cause.get_absolute_url()))
    assert "You cannot vote on this cause" in page
    assert f"Your mailbox had an account here until {today()}." in page
    assert "/account/sign-in/" not in page
    assert 'name="choice"' not in page


def test_the_count_stays_hidden_until_it_is_asked_for(cause: Cause, back: Client) -> None:
    assert "Show the count" in text_of(back.get(cause.get_absolute_url()))
    assert "Show the count" not in text_of(back.get(f"{cause.get_absolute_url()}?count=1"))


def test_a_cause_opened_since_asks_as_usual(cause: Cause, alice: User, back: Client) -> None:
    new = start_cause(alice, cause.organisation, "Bring back Product Y")
    page = text_of(back.get(new.get_absolute_url()))
    assert "Are you for or against it?" in page
    assert 'name="paper"' in page


def test_a_closed_cause_is_closed_for_them_too(cause: Cause, alice: User, back: Client) -> None:
    close_cause(by=alice, cause=cause)
    page = text_of(back.get(cause.get_absolute_url()))
    assert "Voting is closed" in page
    assert "You cannot vote on this cause" not in page


def test_the_account_says_it(back: Client) -> None:
    assert f"causes opened since {today()}" in text_of(back.get("/account/"))


def test_the_account_of_others_does_not(alice: User) -> None:
    assert "causes opened since" not in text_of(visitor(alice).get("/account/"))


def test_who_leaves_is_told_before(alice: User) -> None:
    client = visitor()
    sign_in(client, alice.email)
    assert "365 days" in text_of(client.get("/account/leave/"))


@pytest.mark.django_db
def test_the_rule_is_published() -> None:
    assert "365 days" in text_of(visitor().get("/how-we-count/"))
