"""Where accounts are new: for the staff alone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.growth import count_new_account
from stimme.apps.accounts.models import Growth, User
from tests.visitors import text_of, visitor

GROWTH = "/moderation/growth/"


def test_without_anything_it_says_so(bob: User) -> None:
    page = text_of(visitor(bob).get(GROWTH))
    assert "There was none in the last 14 days." in page
    assert "There was no new account." in page


def test_an_unusual_hour_is_shown_with_what_is_usual(bob: User) -> None:
    for _ in range(21):
        count_new_account(domain="flood.example", network="5ec7e7")
    page = text_of(visitor(bob).get(GROWTH))
    domain, network = '<span class="code">flood.example</span>', '<span class="code">5ec7e7</span>'
    for where in ["in all", f"mail domain {domain}", f"network {network}"]:
        assert f'<td> {where} </td> <td class="number">21</td> <td class="number">0</td>' in page


def test_the_staff_finds_it_from_the_account(bob: User, charlie: User) -> None:
    assert f'href="{GROWTH}"' in text_of(visitor(bob).get("/account/"))
    assert GROWTH not in text_of(visitor(charlie).get("/account/"))


@pytest.mark.parametrize("number", [1, 3])
def test_more_hours_take_no_more_queries(
    bob: User, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    for hours in range(number):
        hour = timezone.now() - timedelta(hours=hours)
        Growth.objects.create(kind="all", name="", hour=hour, number=21, usual=1)
    client = visitor(bob)
    with django_assert_num_queries(5):  # session, account, number of rows, rows, the last day
        client.get(GROWTH)
