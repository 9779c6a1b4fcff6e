"""The page of one vote: what I did, what became of it, my share, and my own link."""

import datetime as dt

import pytest
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import voter_of
from stimme.apps.ballot.models import Link
from stimme.apps.ballot.papers import Shown
from stimme.apps.ballot.sealer import seal
from stimme.apps.ballot.services import cast_vote, issue_paper, link_of, stand_by
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, revise_cause
from stimme.apps.moderation.services import hide
from stimme.apps.organisations.models import Organisation, Result
from stimme.apps.organisations.services import record_decision, record_response
from tests.house import SESSION, start_cause, version_of, vote
from tests.visitors import paper_in, text_of, visitor

DAY = dt.date(2026, 11, 2)


def page_of(cause: Cause) -> str:
    return f"/votes/{version_of(cause).cid}/"


def read(user: User, address: str) -> str:
    return text_of(visitor(user).get(address))


def respond(bob: User, cause: Cause) -> None:
    record_response(by=bob, cause=cause, text="We think.", source_url="", published_on=DAY)


def test_whoever_did_not_vote_has_no_such_page(cause: Cause, alice: User, charlie: User) -> None:
    vote(alice, cause, "for")
    for address in (page_of(cause), f"{page_of(cause)}card/", f"{page_of(cause)}card.svg"):
        assert visitor(charlie).get(address).status_code == 404
    assert visitor(charlie).post(f"{page_of(cause)}link").status_code == 404
    assert Link.objects.count() == 0


def test_what_happened_stands_there_with_my_answers(cause: Cause, bob: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    respond(bob, cause)
    stand_by(user=charlie, cid=version_of(cause).cid)
    record_decision(
        by=bob,
        cause=cause,
        result=Result.GRANTED,
        summary="It is back.",
        source_url="https://example.org/news",
        decided_on=DAY,
    )
    vote(charlie, cause, "against")
    html = read(charlie, page_of(cause))
    told = [
        "The organisation answered",
        "We think.",
        "You answered: I stand by my vote.",
        "Decided: granted",
        "It is back.",
        "https://example.org/news",
        "You answered by changing your vote from for to against.",
    ]
    assert [html.count(one) for one in told] == [1] * len(told)


def test_before_an_answer_it_asks(cause: Cause, alice: User, charlie: User, bob: User) -> None:
    vote(charlie, cause, "for")
    assert "Nothing yet" in read(charlie, page_of(cause))
    respond(bob, cause)
    html = read(charlie, page_of(cause))
    assert "The organisation has answered. <a" in html
    stand_by(user=charlie, cid=version_of(cause).cid)
    assert "Do you stand by your vote?" not in read(charlie, page_of(cause))
    address = page_of(cause)
    revise_cause(by=alice, cause=cause, demand=Demand("Bring back Product X soon", "en"))
    html = read(charlie, address)
    assert "Your vote stays with the words that you voted on." in html
    assert "The demand was reworded. <a" in html


def test_my_share_is_said_plainly(cause: Cause, alice: User, bob: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    html = read(charlie, page_of(cause))
    assert "Yours is the only vote that counts here." in html
    assert "shows once it is sealed" in html
    vote(alice, cause, "for")
    vote(bob, cause, "against")
    seal(everything=True)
    html = read(charlie, page_of(cause))
    assert "One of 3 votes that count now. One of 2 of your choice." in html
    assert "from number 1 to number 3" in html
    vote(charlie, cause, "withdrawn")
    assert "Your vote does not count at the moment." in read(charlie, page_of(cause))


def test_whether_i_was_briefed_is_said(cause: Cause, alice: User, charlie: User) -> None:
    cid = version_of(cause).cid
    paper = issue_paper(user=charlie, session=SESSION, cid=cid, shown=Shown(briefed=1))
    cast_vote(paper=paper, session=SESSION, choice="for")
    vote(alice, cause, "for")
    assert "You had opened the briefing." in read(charlie, page_of(cause))
    assert "You voted without opening the briefing." in read(alice, page_of(cause))
    assert "after the briefing" in read(charlie, "/votes/")
    assert "without the briefing" in read(alice, "/votes/")


def test_of_a_hidden_demand_the_words_are_not_told(cause: Cause, bob: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    respond(bob, cause)
    hide(by=bob, target=cause, reason="It names a private person.")
    html = read(charlie, page_of(cause))
    assert "Hidden by moderation" in html
    for text in ("Product X", "We think.", "Make my link"):
        assert text not in html
    for address in ("card/", "card.svg"):
        assert visitor(charlie).get(f"{page_of(cause)}{address}").status_code == 404


def test_my_link_is_made_when_i_ask_for_it(cause: Cause, charlie: User) -> None:
    vote(charlie, cause, "for")
    client = visitor(charlie)
    assert "Make my link" in text_of(client.get(page_of(cause)))
    assert Link.objects.count() == 0
    for _ in range(2):
        answer = client.post(f"{page_of(cause)}link")
        assert answer.headers["Location"] == f"{page_of(cause)}#link"
    [link] = Link.objects.all()
    html = text_of(client.get(page_of(cause)))
    assert f"/by/{link.code}" in html
    assert "No vote has come through it yet." in html


def test_first_votes_through_my_link_are_counted(
    cause: Cause, alice: User, bob: User, charlie: User
) -> None:
    vote(charlie, cause, "for")
    code = link_of(voter_of(user=charlie), version_of(cause).cid).code
    for user, choice in ((alice, "for"), (bob, "against")):
        client = visitor(user)
        assert client.get(f"/by/{code}").headers["Location"] == cause.get_absolute_url()
        client.post("/ballot", {"paper": paper_in(client, cause), "choice": choice})
        client.post("/ballot", {"paper": paper_in(client, cause), "choice": "withdrawn"})
    html = read(charlie, page_of(cause))
    assert "2 first votes came through it, for or against." in html


def test_a_link_is_remembered_until_tomorrow_by_the_pages_of_its_cause(
    cause: Cause, charlie: User
) -> None:
    code = link_of(voter_of(user=charlie), version_of(cause).cid).code
    answer = visitor().get(f"/by/{code}")
    cookie = answer.cookies["stimme_by"]
    kept = {name: cookie[name] for name in ("path", "max-age", "httponly", "samesite")}
    assert kept == {
        "path": cause.get_absolute_url(),
        "max-age": 86400,
        "httponly": True,
        "samesite": "Lax",
    }
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_link_counts_for_its_own_cause_alone(
    cause: Cause, alice: User, bob: User, charlie: User, shop: Organisation
) -> None:
    """Whatever a browser says: its cookies are its owner's to write."""
    other = start_cause(alice, shop, "Bring back Product Y")
    link = link_of(voter_of(user=charlie), version_of(cause).cid)
    for user, code in [(alice, link.code), (bob, "A" * 11), (charlie, "'; --")]:
        client = visitor(user)
        client.cookies["stimme_by"] = code
        client.post("/ballot", {"paper": paper_in(client, other), "choice": "for"})
    assert list(Link.objects.values_list("number", flat=True)) == [0]


@pytest.mark.parametrize("code", ["A" * 11, "short", "A" * 12, "%00" * 11])
def test_a_link_that_nobody_made_leads_nowhere(db: None, code: str) -> None:
    assert visitor().get(f"/by/{code}").status_code == 404


@pytest.mark.parametrize("changes", [0, 2])
def test_queries(
    cause: Cause,
    bob: User,
    charlie: User,
    changes: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for choice in ["for", "against", "for"][: changes + 1]:
        vote(charlie, cause, choice)
    respond(bob, cause)
    seal(everything=True)
    client = visitor(charlie)
    with django_assert_num_queries(20 if changes else 19):
        client.get(page_of(cause))
