"""Every address of the site, and what each kind of person gets there.

A new address is a decision about who may open it: it fails here until it stands in the table.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.urls import clear_url_caches
from pytest_django import Settings

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause
from tests.addresses import AGAIN, SIGN_IN, TABLE, URLCONF, furnish, patterns
from tests.visitors import Answer, visitor

DOORS = {"/account/sign-in/": SIGN_IN, "/account/sign-in/again/": AGAIN}
Filling = dict[str, str | int]


@pytest.fixture(autouse=True)
def _all_addresses(settings: Settings) -> Iterator[None]:
    settings.ROOT_URLCONF = URLCONF
    clear_url_caches()
    yield
    clear_url_caches()


@pytest.fixture
def filling(cause: Cause, alice: User, bob: User, charlie: User) -> Filling:
    return furnish(cause=cause, alice=alice, bob=bob, charlie=charlie)


@pytest.fixture
def everyone(alice: User, bob: User, charlie: User) -> list[User | None]:
    """In the order of the table's columns."""
    return [None, charlie, alice, bob]


def outcome(answer: Answer) -> str:
    if answer.status_code != 302:
        return str(answer.status_code)
    path = urlsplit(answer.headers["Location"]).path
    return DOORS.get(path, f"to {path}")


def test_the_table_knows_every_address_and_no_other() -> None:
    assert set(patterns()) == set(TABLE)


def test_who_may_open_what(filling: Filling, everyone: list[User | None]) -> None:
    found, wanted = {}, {}
    for pattern, (address, *outcomes) in TABLE.items():
        path = "/" + address.format(**filling)
        found[pattern] = [outcome(visitor(user).get(path)) for user in everyone]
        wanted[pattern] = [one.format(**filling) for one in outcomes]
    assert found == wanted


def test_asking_for_the_head_answers_like_the_page(
    filling: Filling, everyone: list[User | None]
) -> None:
    """Checkers of links and caches ask so; it shows and changes nothing more than a page."""
    for address, *outcomes in TABLE.values():
        path = "/" + address.format(**filling)
        heads = [visitor(user).head(path) for user in everyone]
        assert [outcome(head) for head in heads] == [one.format(**filling) for one in outcomes]
        assert {head.content for head in heads} == {b""}, path


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "TRACE"])
def test_no_method_is_an_error_of_the_server(filling: Filling, bob: User, method: str) -> None:
    for address, *_outcomes in TABLE.values():
        path = "/" + address.format(**filling)
        assert visitor(bob).generic(method, path).status_code < 500, path
