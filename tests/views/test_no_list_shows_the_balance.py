"""Lists show how many voted and in which state a cause is: never how the votes divide."""

import re

import pytest

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause
from tests.house import vote
from tests.visitors import text_of, visitor

FOR, AGAINST = 5, 2
LISTS = ["/", "/causes/", "/causes/?q=product", "/causes/?show=waiting", "/organisations/",
         "/organisations/corner-shop/"]  # fmt: skip


@pytest.fixture(autouse=True)
def _votes(cause: Cause) -> None:
    for number in range(FOR + AGAINST):
        user = User.objects.create_user(f"voter{number}@example.org")
        vote(user, cause, "for" if number < FOR else "against")


def words(html: str) -> str:
    """What one reads or hears of the part of the page that is its own."""
    main = html[html.index("<main") : html.index("</main>")]
    labels = " ".join(re.findall(r'(?:title|aria-label|alt)="([^"]*)"', main))
    return re.sub(r"<[^>]*>", " ", main) + labels


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("signed_in", [True, False])
def test_no_list_shows_the_balance(address: str, charlie: User, *, signed_in: bool) -> None:
    html = text_of(visitor(charlie if signed_in else None).get(address))
    text = words(html)
    if "Bring back Product X" in text and "organisations/" not in address:
        assert "7 voters" in text
    for tell in ["tally", "data-votes", "71", "28.", "%"]:
        assert tell not in (html if tell in {"tally", "data-votes"} else text), (address, tell)
    assert not re.search(r"\b(5|2)\b(?! (?:November|October))", text), address


def test_the_page_that_shows_it_would_fail(cause: Cause) -> None:
    """So that the test above can fail."""
    html = text_of(visitor().get(cause.get_absolute_url(), {"count": "1"}))
    assert "tally" in html
    assert re.search(r"\b(5|2)\b", words(html))
