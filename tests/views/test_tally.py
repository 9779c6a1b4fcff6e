"""The count as a part of pages, which the live tally shows anew."""

import pytest
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, close_cause, revise_cause
from stimme.apps.moderation.services import hide
from tests.house import version_of, vote
from tests.visitors import Answer, click, text_of, visitor

NEW = Demand("Bring back Product X before Christmas", "en", "It is on the shelf again.")


def tally(cause: Cause, language: str = "en") -> Answer:
    return visitor(language=language).get(f"/tally/{version_of(cause).cid}")


def test_is_the_count_and_nothing_around_it(cause: Cause, alice: User, charlie: User) -> None:
    vote(alice, cause, "for")
    vote(charlie, cause, "against")
    html = text_of(tally(cause))
    assert html.startswith('<div class="stack" id="count">')
    assert 'data-said="The count now: 1 for, 1 against."' in html
    assert "Counted votes: 2, one per account." in html
    assert "<html" not in html
    assert "<script" not in html


def test_before_the_first_vote_it_says_so(cause: Cause) -> None:
    assert "Nobody has voted yet." in text_of(tally(cause))


@pytest.mark.parametrize("language", ["de", "fr", "it", "en"])
def test_speaks_the_language_of_the_visitor(cause: Cause, alice: User, language: str) -> None:
    vote(alice, cause, "for")
    assert tally(cause, language=language).headers["Content-Language"] == language


def test_says_the_same_to_everybody(cause: Cause, alice: User, charlie: User) -> None:
    click(visitor(alice), cause, "for")
    path = f"/tally/{version_of(cause).cid}"
    answers = [visitor(user).get(path) for user in [None, alice, charlie]]
    assert len({answer.content for answer in answers}) == 1
    assert {answer.headers["Cache-Control"] for answer in answers} == {
        "public, max-age=0, s-maxage=1, must-revalidate"
    }
    assert not any(answer.cookies for answer in answers)


def test_of_a_hidden_or_unknown_cause_there_is_none(cause: Cause, bob: User) -> None:
    hide(by=bob, target=cause, reason="It names a private person.")
    assert tally(cause).status_code == 404
    assert visitor().get("/tally/AAAAAAAAAAAAAAAAAAAAAA").status_code == 404


def test_takes_no_parameters(cause: Cause) -> None:
    assert visitor().get(f"/tally/{version_of(cause).cid}?x=1").status_code == 404


def test_costs_two_queries(cause: Cause, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    path = f"/tally/{version_of(cause).cid}"
    with django_assert_num_queries(2):
        visitor().get(path)


def test_without_a_door_the_live_one_ends_the_asking(cause: Cause) -> None:
    assert visitor().get(f"/tally/{version_of(cause).cid}/live").status_code == 204


class TestLive:
    """Only a count that is shown already, and can still change, is kept up to date."""

    def live(self, cause: Cause) -> str:
        return f'data-live-tally="/tally/{version_of(cause).cid}/live"'

    def test_is_the_count_after_the_vote_and_on_request(self, cause: Cause, charlie: User) -> None:
        client = visitor(charlie)
        click(client, cause, "for")
        receipt = f"/receipt/{version_of(cause).cid}/"
        for page in [cause.get_absolute_url(), receipt]:
            assert self.live(cause) in text_of(client.get(page))
        assert self.live(cause) in text_of(visitor().get(cause.get_absolute_url(), {"count": "1"}))

    def test_is_nothing_before_the_vote(self, cause: Cause, charlie: User) -> None:
        for client in [visitor(), visitor(charlie)]:
            html = text_of(client.get(cause.get_absolute_url()))
            assert "data-live-tally" not in html
            assert "live-tally" not in html

    def test_is_no_count_that_cannot_change(self, cause: Cause, alice: User, charlie: User) -> None:
        client = visitor(charlie)
        click(client, cause, "for")
        old = version_of(cause).cid
        revise_cause(by=alice, cause=cause, demand=NEW)
        for page in [f"{cause.get_absolute_url()}versions/1/?count=1", f"/receipt/{old}/"]:
            assert "data-live-tally" not in text_of(client.get(page))
        cause.refresh_from_db()
        vote(alice, cause, "for")
        close_cause(by=alice, cause=cause)
        html = text_of(visitor().get(cause.get_absolute_url()))
        assert 'data-live="numbers"' in html
        assert "data-live-tally" not in html
