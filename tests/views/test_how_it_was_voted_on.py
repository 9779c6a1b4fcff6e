"""How a cause was voted on: told with the count, from ten votes on, and as a file."""

import csv
import io

import pytest
from django.test import Client

from stimme.apps.accounts.models import User
from stimme.apps.ballot.door.requests import BallotRequest, Seen
from stimme.apps.ballot.papers import NOTHING, Shown
from stimme.apps.ballot.services import cast_form, issue_paper
from stimme.apps.causes.how_voting import COLUMNS
from stimme.apps.causes.models import Cause
from stimme.apps.moderation.services import hide
from tests.house import SESSION, version_of
from tests.visitors import text_of, visitor

BRIEFED = Shown(briefed=1, answers=(0, 1))


def cast(user: User, cause: Cause, shown: Shown = NOTHING, seen: Seen | None = None) -> None:
    paper = issue_paper(user=user, session=SESSION, cid=version_of(cause).cid, shown=shown)
    cast_form(ballot=BallotRequest(paper, "for", seen=seen), session=SESSION)


@pytest.fixture
def crowd(cause: Cause) -> list[User]:
    """Twelve who voted for it: eight briefed, four with the count in sight."""
    people = [User.objects.create_user(f"voter{number}@example.org") for number in range(12)]
    for number, user in enumerate(people):
        if number < 8:
            cast(
                user, cause, BRIEFED, Seen(70, both=number < 6, source=False, checked=(0, 0, None))
            )
        else:
            cast(user, cause, Shown(count_seen=True))
    return people


def address(cause: Cause) -> str:
    return f"{cause.get_absolute_url()}how-voted.csv"


def page(client: Client, cause: Cause) -> str:
    return text_of(client.get(cause.get_absolute_url(), {"count": "1"}))


def table(client: Client, cause: Cause) -> list[dict[str, str]]:
    response = client.get(address(cause))
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(response.content.decode())))


@pytest.mark.usefixtures("crowd")
def test_with_the_count_in_words_and_in_a_table(cause: Cause) -> None:
    html = page(visitor(), cause)
    told = "Of 12 people whose first vote it was, 66.7 % opened both sides first, and 33.3 % had"
    assert f"{told} seen the count." in html
    assert "Fewer than ten first votes: too few to tell." in html
    row = html[html.index("of those: had both reasons in view") :]
    assert "6 (75" in row[: row.index("</tr>")]


@pytest.mark.usefixtures("crowd")
def test_without_the_count_nothing_of_it(cause: Cause, charlie: User) -> None:
    for client in [visitor(), visitor(charlie)]:
        html = text_of(client.get(cause.get_absolute_url()))
        assert 'id="how-voted"' not in html


def test_below_ten_nothing_of_it(cause: Cause, charlie: User) -> None:
    cast(charlie, cause)
    assert 'id="how-voted"' not in page(visitor(), cause)


@pytest.mark.usefixtures("crowd")
def test_as_a_file_in_which_unknown_is_empty(cause: Cause) -> None:
    yes, no = table(visitor(), cause)
    assert list(yes) == list(COLUMNS)
    assert list(yes.values()) == ["for", "12", "8", "4", "8", "6", "0", "", "", "16", "8"]
    assert list(no.values()) == ["against", *[""] * 10]


def test_the_file_of_a_hidden_cause_is_not_there(cause: Cause, bob: User) -> None:
    hide(by=bob, target=cause, reason="Under review.")
    assert visitor().get(address(cause)).status_code == 404
