from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import close_cause
from stimme.apps.moderation.services import hide
from stimme.apps.organisations.models import Organisation, Result
from stimme.apps.organisations.services import record_decision
from tests.house import start_cause, vote
from tests.visitors import text_of, visitor


def decide(cause: Cause, staff: User, day: int = 1) -> None:
    record_decision(
        by=staff,
        cause=cause,
        result=Result.DECLINED,
        summary="It would cost too much.",
        source_url="",
        decided_on=date(2026, 11, day),
    )


def parts() -> list[str]:
    """The three lists of the page: open, waiting, decided."""
    html = text_of(visitor().get("/"))
    return html.split('<section class="side stack">')[1:]


def test_an_empty_instance_says_so_and_what_to_do(db: None) -> None:
    html = text_of(visitor().get("/"))
    for says in [
        "Nothing is asked at the moment.",
        "No open cause waits for an answer.",
        "No organisation has decided anything yet.",
        'href="/causes/start/"',
        'role="search"',
    ]:
        assert says in html


def test_an_open_cause_is_new_and_waits(cause: Cause) -> None:
    newest, waiting, decided = parts()
    assert "Bring back Product X" in newest
    assert "Bring back Product X" in waiting
    assert "Bring back Product X" not in decided


def test_a_decided_cause_waits_no_longer(cause: Cause, bob: User) -> None:
    decide(cause, bob)
    newest, waiting, decided = parts()
    assert "Bring back Product X" in newest
    assert "Bring back Product X" not in waiting
    assert "Declined." in decided
    assert "It would cost too much." in decided


def test_a_closed_cause_is_neither_new_nor_waiting(cause: Cause, alice: User) -> None:
    close_cause(by=alice, cause=cause)
    newest, waiting, _decided = parts()
    assert "Bring back Product X" not in newest + waiting


def test_a_hidden_cause_is_nowhere(cause: Cause, bob: User) -> None:
    decide(cause, bob)
    hide(by=bob, target=cause, reason="Under review.")
    assert "Bring back Product X" not in text_of(visitor().get("/"))


def test_no_balance_is_shown(cause: Cause, alice: User, charlie: User) -> None:
    vote(alice, cause, "for")
    vote(charlie, cause, "for")
    html = text_of(visitor().get("/"))
    assert "2 voters" in html
    assert "%" not in html.split("<main")[1]


@pytest.mark.parametrize("number", [1, 3])
def test_queries(
    alice: User,
    bob: User,
    shop: Organisation,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for n in range(number):
        vote(alice, start_cause(alice, shop, f"Bring back Product {n}"), "for")
    decide(Cause.objects.all()[0], bob)
    if number == 1:
        start_cause(alice, shop, "Bring back Product Y")
    with django_assert_num_queries(5):
        visitor().get("/")
