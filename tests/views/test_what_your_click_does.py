"""The page that says what a click does: for everybody, and led to from where one asks oneself."""

import pytest

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause
from tests.house import vote
from tests.visitors import text_of, visitor

ADDRESS = "/what-your-click-does/"


@pytest.mark.django_db
def test_it_says_what_happens_when_and_who_sees_what() -> None:
    html = text_of(visitor().get(ADDRESS))
    for heading in ["Before", "With the click", "After", "Who sees what"]:
        assert f">{heading}</h2>" in html
    for person in [
        "Everybody",
        "You",
        "Our staff",
        "The organisation",
        "Whoever follows your link",
    ]:
        assert f"<dt>{person}</dt>" in html


def test_the_ledger_leads_to_it_before_and_after_the_first_vote(
    cause: Cause, charlie: User
) -> None:
    main = text_of(visitor(charlie).get("/votes/")).split("<footer")[0]
    assert f'href="{ADDRESS}"' in main
    vote(charlie, cause, "for")
    main = text_of(visitor(charlie).get("/votes/")).split("<footer")[0]
    assert f'href="{ADDRESS}"' in main
