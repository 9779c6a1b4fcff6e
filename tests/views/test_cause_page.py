"""The page of one cause: what everybody sees, and what one's own vote adds to it."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import account_secret
from stimme.apps.causes.models import Cause, Effect, Provenance
from stimme.apps.causes.services import (
    Demand,
    Party,
    Reference,
    close_cause,
    publish_cause,
    revise_cause,
)
from stimme.apps.moderation.services import hide, restore
from stimme.apps.organisations.commitments import record_commitment
from stimme.apps.organisations.models import Organisation, Result
from stimme.apps.organisations.services import record_decision, record_response
from tests.house import version_of, vote
from tests.visitors import click, text_of, visitor

TODAY = date(2026, 11, 22)
NEW = Demand("Bring back Product X before Christmas", "en", "It is on the shelf again.")
COUNT = '<dl class="tally-numbers"'


def page(client: Client, cause: Cause) -> str:
    response = client.get(cause.get_absolute_url())
    assert response.status_code == 200
    return text_of(response)


def test_everything_about_the_cause_is_there(cause: Cause) -> None:
    html = page(visitor(), cause)
    for part in [
        '<h1 class="demand" lang="en">Bring back Product X</h1>',
        "It is on the shelf again.",
        '<a href="/organisations/corner-shop/">Corner Shop</a>',
        "Shoppers",
        "Would gain.",
        "The supplier of the replacement",
        "Would lose.",
        "It loses its place on the shelf.",
        '<a href="https://example.org/report" rel="nofollow noopener ugc">Annual report</a>',
        f'href="/log/causes/{version_of(cause).cid}/"',
        f'href="/causes/documents/{version_of(cause).cid}.json"',
        "No answer so far",
    ]:
        assert part in html


def test_an_unknown_address_is_not_found(db: None) -> None:
    assert visitor().get("/causes/no-such-cause-abcdef/").status_code == 404


def test_the_buttons_lead_a_stranger_to_signing_in_and_back(cause: Cause) -> None:
    html = page(visitor(), cause)
    target = f"{reverse('account_login')}?next={cause.get_absolute_url()}%23vote"
    assert html.count(f'href="{target}"') == 2
    assert 'name="paper"' not in html


def test_both_buttons_are_equal(cause: Cause, charlie: User) -> None:
    html = page(visitor(charlie), cause)
    for choice in ["for", "against"]:
        tile = f'<input type="radio" name="choice" value="{choice}" required'
        assert html.count(tile) == html.count('<label class="tile">') - 1 == 1
    assert "checked>" not in html


class TestTheCount:
    def test_is_hidden_before_the_vote(self, cause: Cause, alice: User, charlie: User) -> None:
        vote(alice, cause, "for")
        for client in [visitor(), visitor(charlie)]:
            html = page(client, cause)
            assert COUNT not in html
            assert '<a href="?count=1#count">Show the count</a>' in html
            assert "1 voter" in html

    def test_is_shown_to_those_who_ask(self, cause: Cause, alice: User) -> None:
        vote(alice, cause, "for")
        response = visitor().get(cause.get_absolute_url(), {"count": "1"})
        assert COUNT in text_of(response)

    def test_is_shown_after_the_vote(self, cause: Cause, charlie: User) -> None:
        client = visitor(charlie)
        click(client, cause, "against")
        html = page(client, cause)
        assert COUNT in html
        assert "You voted against it" in html

    def test_is_shown_when_the_cause_is_closed(self, cause: Cause, alice: User) -> None:
        vote(alice, cause, "for")
        close_cause(by=alice, cause=cause)
        html = page(visitor(), cause)
        assert COUNT in html
        assert "Voting is closed" in html
        assert 'name="choice"' not in html

    def test_of_an_old_version_is_hidden_like_that_of_the_new(
        self, cause: Cause, alice: User
    ) -> None:
        vote(alice, cause, "for")
        revise_cause(by=alice, cause=cause, demand=NEW)
        address = f"{cause.get_absolute_url()}versions/1/"
        assert COUNT not in text_of(visitor().get(address))
        assert COUNT in text_of(visitor().get(address, {"count": "1"}))


@pytest.mark.parametrize(
    "provenance, says",
    [
        (Provenance.SIMULATED, "The votes in this cause are simulated"),
        (Provenance.IMPORTED, "The first votes in this cause are imported"),
    ],
)
def test_where_votes_come_from_is_said_plainly(
    shop: Organisation, provenance: Provenance, says: str
) -> None:
    cause = publish_cause(
        author=None, organisation=shop, demand=NEW, parties=[], sources=[], provenance=provenance
    )
    html = page(visitor(), cause)
    assert says in html
    assert f"{provenance} votes" in html


def test_response_and_decision_stand_beside_the_demand(cause: Cause, bob: User) -> None:
    record_response(
        by=bob,
        cause=cause,
        text="We look at it.\n\nIt takes time.",
        source_url="https://shop.example/answer",
        published_on=TODAY,
    )
    record_decision(
        by=bob,
        cause=cause,
        result=Result.PARTLY,
        summary="In two shops.",
        source_url="",
        decided_on=TODAY,
    )
    html = page(visitor(), cause)
    assert "<p>We look at it.</p> <p>It takes time.</p>" in html
    assert 'href="https://shop.example/answer"' in html
    assert "Partly granted" in html
    assert "In two shops." in html
    assert "No answer so far" not in html
    sides = html[html.index("The demand</h2>") :]
    assert sides.index("It is on the shelf again.") < sides.index("We look at it.")


class TestVersions:
    def test_are_linked_to_each_other(self, cause: Cause, alice: User) -> None:
        vote(alice, cause, "for")
        revise_cause(by=alice, cause=cause, demand=NEW)
        address = f"{cause.get_absolute_url()}versions/1/"
        html = page(visitor(), cause)
        assert f'href="{address}"' in html
        old = text_of(visitor().get(address))
        assert '<h1 class="demand" lang="en">Bring back Product X</h1>' in old
        assert "<ins>before Christmas</ins>" in old
        assert f'href="{cause.get_absolute_url()}"' in old

    def test_earlier_voters_are_asked_again(self, cause: Cause, alice: User, charlie: User) -> None:
        vote(charlie, cause, "for")
        revise_cause(by=alice, cause=cause, demand=NEW)
        html = page(visitor(charlie), cause)
        assert "That vote stays with that version; the new one asks you again." in html
        assert "Are you for or against it?" in html

    def test_an_old_vote_can_be_withdrawn_and_nothing_else(
        self, cause: Cause, alice: User, charlie: User
    ) -> None:
        vote(charlie, cause, "for")
        revise_cause(by=alice, cause=cause, demand=NEW)
        client = visitor(charlie)
        response = client.get(f"{cause.get_absolute_url()}versions/1/")
        assert 'value="withdrawn"' in text_of(response)
        assert 'value="for"' not in text_of(response)
        answer = client.post("/ballot", {"paper": response.context["paper"], "choice": "withdrawn"})
        assert answer.status_code == 302

    def test_the_newest_lives_at_the_address_of_the_cause(self, cause: Cause) -> None:
        response = visitor().get(f"{cause.get_absolute_url()}versions/1/")
        assert response.headers["Location"] == cause.get_absolute_url()

    def test_others_do_not_exist(self, cause: Cause) -> None:
        for number in [0, 2, 99999999999999999999]:
            address = f"{cause.get_absolute_url()}versions/{number}/"
            assert visitor().get(address).status_code == 404


class TestTheDocument:
    def test_is_what_the_id_binds(self, cause: Cause) -> None:
        version = version_of(cause)
        response = visitor().get(f"/causes/documents/{version.cid}.json")
        assert response.content == version.document.encode()
        assert response.headers["Content-Type"] == "application/json"

    @pytest.mark.parametrize("cid", ["A" * 22, "A" * 21, "A" * 21 + "B", "%00" * 22, "é" * 22])
    @pytest.mark.usefixtures("cause")
    def test_of_nothing_is_not_found(self, cid: str) -> None:
        assert visitor().get(f"/causes/documents/{cid}.json").status_code == 404


class TestAHiddenCause:
    def test_says_why_and_nothing_else(self, cause: Cause, alice: User, bob: User) -> None:
        vote(alice, cause, "for")
        revise_cause(by=alice, cause=cause, demand=NEW)
        hide(by=bob, target=cause, reason="It names a private person.")
        cid = version_of(cause).cid
        for address in [
            cause.get_absolute_url(),
            f"{cause.get_absolute_url()}versions/1/",
            f"/causes/documents/{cid}.json",
        ]:
            for client in [visitor(), visitor(alice)]:
                response = client.get(address)
                assert response.status_code == 403
                assert "It names a private person." in text_of(response)
                assert "Product X" not in text_of(response)

    def test_comes_back(self, cause: Cause, bob: User) -> None:
        hide(by=bob, target=cause, reason="Under review.")
        restore(by=bob, target=cause, reason="Reviewed.")
        assert "Bring back Product X" in page(visitor(), cause)

    def test_one_part_of_it_alone(self, cause: Cause, bob: User) -> None:
        hide(by=bob, target=cause.parties.all()[0], reason="A private person.")
        hide(by=bob, target=cause.sources.all()[0], reason="Leads to malware.")
        html = page(visitor(), cause)
        assert "Hidden by moderation: A private person." in html
        assert "Hidden by moderation: Leads to malware." in html
        assert "Shoppers" not in html
        assert "example.org/report" not in html
        assert "The supplier of the replacement" in html


def test_only_the_author_sees_how_to_reword_and_close(
    cause: Cause, alice: User, charlie: User
) -> None:
    tools = [f"{cause.get_absolute_url()}{what}/" for what in ["revise", "close"]]
    assert all(tool in page(visitor(alice), cause) for tool in tools)
    for client in [visitor(), visitor(charlie)]:
        assert not any(tool in page(client, cause) for tool in tools)


def with_everything(author: User, staff: User, organisation: Organisation, number: int) -> Cause:
    """A cause that has `number` of everything that its page lists."""
    cause = publish_cause(
        author=author,
        organisation=organisation,
        demand=Demand("Wording 0 of the demand", "en"),
        parties=[Party(f"Party {n}", Effect.LOSES, "It loses.") for n in range(number)],
        sources=[Reference(f"Source {n}", "https://example.org") for n in range(number)],
    )
    for n in range(1, number):
        vote(author, cause, "for")
        revise_cause(by=author, cause=cause, demand=Demand(f"Wording {n} of the demand", "en"))
    cause.refresh_from_db()
    for n in range(number):
        record_response(
            by=staff, cause=cause, text=f"Response {n}", source_url="", published_on=TODAY
        )
        decision = record_decision(
            by=staff,
            cause=cause,
            result=Result.GRANTED,
            summary=f"Decision {n}",
            source_url="",
            decided_on=TODAY,
        )
        record_commitment(
            by=staff,
            decision=decision,
            what="A letter.",
            due_on=date(2126, 1, 1),
            how_seen="It is sent.",
        )
    vote(author, cause, "for")
    return cause


@pytest.mark.parametrize("number", [1, 3])
class TestQueries:
    """Of the cause: versions, parties, sources, their checks, responses, decisions, commitments,
    their statuses, turning points; and the reasons that people gave."""

    @pytest.fixture
    def full(self, alice: User, bob: User, shop: Organisation, number: int) -> Cause:
        return with_everything(alice, bob, shop, number)

    def test_of_a_strangers_first_view(
        self, full: Cause, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(10):
            page(visitor(), full)

    def test_of_a_stranger_who_sees_the_count(
        self, full: Cause, alice: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        close_cause(by=alice, cause=full)
        with django_assert_num_queries(13):
            page(visitor(), full)

    def test_of_a_stranger_where_something_is_hidden(
        self, full: Cause, bob: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        hide(by=bob, target=full.parties.all()[0], reason="Under review.")
        hide(by=bob, target=full.sources.all()[0], reason="Under review.")
        with django_assert_num_queries(11):
            page(visitor(), full)

    def test_of_somebody_who_is_signed_in(
        self, full: Cause, charlie: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        """Session, account, secret with level, seats; and the briefing, which others share."""
        account_secret(user=charlie)
        client = visitor(charlie)
        with django_assert_num_queries(14):
            page(client, full)

    def test_of_somebody_who_has_voted(
        self,
        full: Cause,
        charlie: User,
        monkeypatch: pytest.MonkeyPatch,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        """The same, the briefing as it is at this moment, the count, how it was voted on, what
        people answered to turning points, and what this one answered."""
        monkeypatch.setattr("stimme.apps.causes.selectors.monotonic", lambda: 0.0)
        vote(charlie, full, "for")
        client = visitor(charlie)
        page(client, full)
        with django_assert_num_queries(19):
            page(client, full)
