"""After a turning point: what happened in full, and three ways to answer."""

import datetime as dt
import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.ballot.models import Answer, TurningKind
from stimme.apps.ballot.reasons import Reason
from stimme.apps.ballot.selectors import count_of, own_seats
from stimme.apps.ballot.services import annul, turn
from stimme.apps.causes.corrections import Fault, record_correction
from stimme.apps.causes.models import Cause, Surge
from stimme.apps.causes.services import Demand, close_cause, revise_cause
from stimme.apps.moderation.services import hide
from stimme.apps.organisations.models import Result
from stimme.apps.organisations.services import record_decision, record_response
from tests.house import version_of, vote
from tests.visitors import Answer as Page
from tests.visitors import text_of, visitor

DAY = dt.date(2026, 11, 20)
NEW = Demand("Bring back Product X before Easter", "en", "It is on the shelf by then.")
STAND_BY = "I stand by it"


@pytest.fixture
def client(cause: Cause, charlie: User) -> Client:
    """Charlie, who is for it."""
    vote(charlie, cause, "for")
    return visitor(charlie)


def path_of(cause: Cause) -> str:
    return f"/votes/{version_of(cause).cid}/reconsider/"


def respond(cause: Cause, bob: User, text: str = "No.\n\nNever.") -> None:
    record_response(by=bob, cause=cause, text=text, source_url="", published_on=DAY)


def answers() -> list[tuple[str, str]]:
    return list(Answer.objects.values_list("before", "after"))


def stand_by(client: Client, path: str) -> Page:
    """Press the button of the page, or send its form without one."""
    asks = client.get(path).context["question"].asks
    return client.post(path, {"edition": asks.edition if asks else 1}, follow=True)


def paper(page: Page) -> str:
    found = re.search(r'name="paper" value="([^"]+)"', text_of(page))
    assert found
    return found[1]


def test_the_reply_stands_there_in_full(client: Client, cause: Cause, bob: User) -> None:
    assert "Nothing has happened since" in text_of(client.get(path_of(cause)))
    respond(cause, bob)
    page = text_of(client.get(path_of(cause)))
    for part in [
        "Do you stand by your vote?",
        "Corner Shop has answered",
        "<p>No.</p> <p>Never.</p>",
        "Bring back Product X",
        "version 1",
        STAND_BY,
        "Withdraw my vote",
    ]:
        assert part in page


def test_one_press_stands_by_it(client: Client, cause: Cause, bob: User) -> None:
    respond(cause, bob)
    answer = stand_by(client, path_of(cause))
    assert answer.redirect_chain == [("/votes/", 302)]
    assert "You stand by your vote." in text_of(answer)
    assert answers() == [("for", "for")]
    page = text_of(client.get(path_of(cause)))
    assert STAND_BY not in page
    assert "You stood by your vote then." in page


def test_nobody_answers_what_they_have_not_seen(client: Client, cause: Cause, bob: User) -> None:
    respond(cause, bob)
    client.get(path_of(cause))
    respond(cause, bob, "Perhaps after all.")
    answer = client.post(path_of(cause), {"edition": "1"}, follow=True)
    assert "Something more has happened meanwhile" in text_of(answer)
    assert "Perhaps after all." in text_of(answer)
    assert answers() == []
    stand_by(client, path_of(cause))
    assert answers() == [("for", "for")]


@pytest.mark.parametrize("choice", ["against", "withdrawn"])
def test_change_and_withdraw_are_there_too(
    client: Client, cause: Cause, bob: User, choice: str
) -> None:
    respond(cause, bob)
    page = client.get(path_of(cause))
    client.post("/ballot", {"paper": paper(page), "choice": choice})
    assert answers() == [("for", choice)]


def test_a_decision_and_a_correction_stand_there_too(
    client: Client, cause: Cause, alice: User, bob: User
) -> None:
    record_decision(
        by=bob,
        cause=cause,
        result=Result.DECLINED,
        summary="Not this year.",
        source_url="",
        decided_on=DAY,
    )
    record_correction(
        by=alice, cause=cause, fault=Fault("claim_false", "It was never sold.", DAY, "author")
    )
    page = text_of(client.get(path_of(cause)))
    assert page.index("It was never sold.") < page.index("Not this year.")
    for part in ["Corner Shop has decided", "Declined", "The author of this cause, here."]:
        assert part in page


def test_a_new_wording_is_compared_word_by_word(client: Client, cause: Cause, alice: User) -> None:
    path = path_of(cause)
    revise_cause(by=alice, cause=cause, demand=NEW)
    page = text_of(client.get(path))
    assert "<ins>before Easter</ins>" in page
    assert "on the shelf <del>again.</del> <ins>by then.</ins>" in page
    assert re.search(r'value="for" required aria-describedby="[^"]+" checked', page)


def test_the_old_choice_is_carried_over_with_one_press(
    client: Client, cause: Cause, alice: User
) -> None:
    path, old = path_of(cause), version_of(cause).cid
    revise_cause(by=alice, cause=cause, demand=NEW)
    new = version_of(cause).cid
    client.post("/ballot", {"paper": paper(client.get(path)), "choice": "for"})
    assert (count_of(old).votes_for, count_of(new).votes_for) == (1, 1)
    page = text_of(client.get(path))
    assert "You have voted on the newer version" in page
    assert "Leave it there" not in page
    assert 'name="paper"' not in page


def test_or_it_stays_with_the_old_wording(client: Client, cause: Cause, alice: User) -> None:
    path = path_of(cause)
    revise_cause(by=alice, cause=cause, demand=NEW)
    stand_by(client, path)
    assert answers() == [("for", "for")]
    assert count_of(version_of(cause).cid).voters == 0


def test_after_a_surge_the_question_says_how_fast_it_was(client: Client, cause: Cause) -> None:
    version = version_of(cause)
    now = dt.datetime.now(dt.UTC)
    surge = Surge.objects.create(
        version=version,
        hours_from="2026-11-01T13Z",
        hours_to="2999-01-01T00Z",
        rate=1200,
        usual=3.5,
        opened_at=now,
    )
    hours = surge.hours_from, surge.hours_to
    turn(cid=version.cid, kind=TurningKind.COOLING, subject=surge.pk, hours=hours)
    page = text_of(client.get(path_of(cause)))
    assert "up to 1 200 votes an hour came in, where 3.5 were usual" in page
    assert STAND_BY in page


def test_whoever_voted_afterwards_is_not_asked(cause: Cause, bob: User, charlie: User) -> None:
    respond(cause, bob)
    vote(charlie, cause, "against")
    client = visitor(charlie)
    assert STAND_BY not in text_of(client.get(path_of(cause)))
    answer = stand_by(client, path_of(cause))
    assert "Nothing is asked of this vote now." in text_of(answer)
    assert answers() == []


def test_once_the_vote_is_closed_nobody_is_asked(
    client: Client, cause: Cause, alice: User, bob: User
) -> None:
    close_cause(by=alice, cause=cause)
    respond(cause, bob)
    page = text_of(client.get(path_of(cause)))
    assert "<p>Never.</p>" in page
    assert STAND_BY not in page
    assert "The vote is closed" in page
    stand_by(client, path_of(cause))
    assert answers() == []


def test_an_annulled_vote_is_not_asked(
    client: Client, cause: Cause, bob: User, charlie: User
) -> None:
    respond(cause, bob)
    cid = version_of(cause).cid
    annul(
        cid=cid, pseudonyms=[own_seats(user=charlie, cids=[cid])[cid].p], reason=Reason.TEST.value
    )
    assert STAND_BY not in text_of(client.get(path_of(cause)))


def test_of_a_hidden_cause_nothing_is_shown(client: Client, cause: Cause, bob: User) -> None:
    respond(cause, bob)
    hide(by=bob, target=cause, reason="It names a private person.")
    assert client.get(path_of(cause)).headers["Location"] == cause.get_absolute_url()
    client.post(path_of(cause))
    assert answers() == []


def test_the_page_takes_as_many_queries_for_three_replies_as_for_one(
    client: Client, cause: Cause, bob: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(path_of(cause))
    for number in range(3):
        respond(cause, bob, f"Reply {number}")
        with django_assert_num_queries(11):
            assert client.get(path_of(cause)).status_code == 200
