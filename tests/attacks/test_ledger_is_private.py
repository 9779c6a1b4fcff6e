"""What somebody voted is theirs: nobody else has a page that shows it, and no cache keeps it."""

from collections.abc import Iterator

import pytest
from django.urls import clear_url_caches
from pytest_django import Settings

from stimme.apps.accounts.models import User
from stimme.apps.ballot.sealer import seal
from stimme.apps.ballot.selectors import own_seats
from stimme.apps.causes.models import Cause
from tests.addresses import TABLE, URLCONF, furnish
from tests.house import version_of, vote
from tests.visitors import Answer, visitor

OWN = ("votes/", "votes/{year}/", "votes/export.csv", "votes/export.json", "votes/{cid}/")
CARDS = ("votes/{cid}/card/", "votes/{cid}/card.svg")
Filling = dict[str, str | int]


@pytest.fixture(autouse=True)
def _all_addresses(settings: Settings) -> Iterator[None]:
    settings.ROOT_URLCONF = URLCONF
    clear_url_caches()
    yield
    clear_url_caches()


@pytest.fixture
def filling(cause: Cause, alice: User, bob: User, charlie: User) -> Filling:
    """Charlie voted, and everything else that there is an address for is there, too."""
    vote(charlie, cause, "for")
    found = furnish(cause=cause, alice=alice, bob=bob, charlie=charlie)
    seal(everything=True)
    return found


def test_no_page_of_staff_shows_who_voted(
    filling: Filling, cause: Cause, bob: User, charlie: User
) -> None:
    """Neither do those of strangers and authors: they see less."""
    User.objects.filter(pk=bob.pk).update(is_superuser=True)
    version = version_of(cause)
    [seat] = own_seats(user=charlie, cids=[version.cid]).values()
    told = {seat.p, version.cid, version.ask, cause.slug}
    naming = []
    for address, *_ in TABLE.values():
        page = visitor(User.objects.get(pk=bob.pk)).get("/" + address.format(**filling))
        words = page.content.decode(errors="replace")
        if charlie.email in words:
            naming.append(address)
            assert [text for text in told if text in words] == [], address
    # Whoever cannot find Charlie at all would find nothing wrong either.
    assert "staff/accounts/user/{user}/change/" in naming


@pytest.mark.parametrize("address", [*OWN, *CARDS])
def test_each_sees_only_their_own(
    filling: Filling, cause: Cause, bob: User, charlie: User, address: str
) -> None:
    path = "/" + address.format(**filling)
    [seat] = own_seats(user=charlie, cids=[version_of(cause).cid]).values()
    assert visitor(charlie).get(path).status_code == 200
    answer = visitor(bob).get(path)
    assert answer.status_code in {200, 404}
    assert [text for text in (seat.p, cause.slug) if text in answer.content.decode()] == []


@pytest.mark.parametrize("address", [*OWN, *CARDS])
def test_no_cache_keeps_it(filling: Filling, charlie: User, address: str) -> None:
    path = "/" + address.format(**filling)
    for answer in (visitor(charlie).get(path), visitor().get(path)):
        assert rules_of(answer) >= {"no-store", "private"}


def rules_of(answer: Answer) -> set[str]:
    return set(answer.headers["Cache-Control"].split(", "))


def test_nobody_makes_a_link_for_somebody_else(
    filling: Filling, cause: Cause, charlie: User
) -> None:
    """Another site's form has no token, and the browser's own decides whose link it is."""
    path = f"/votes/{version_of(cause).cid}/link"
    assert visitor(charlie, csrf=True).post(path).status_code == 403
    assert visitor().post(path).headers["Location"].startswith("/account/sign-in/")
