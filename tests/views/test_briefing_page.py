"""The briefing: both sides on one screen before the vote, and nothing of the count."""

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.causes.affected import name_party
from stimme.apps.causes.models import Cause, Effect, Provenance
from stimme.apps.causes.services import Demand, Party, close_cause, publish_cause
from stimme.apps.deliberation.services import post_statement
from stimme.apps.moderation.services import hide
from stimme.apps.organisations.models import Organisation, Result
from stimme.apps.organisations.services import (
    find_or_add_organisation,
    record_decision,
    record_response,
)
from tests.house import start_cause, vote
from tests.visitors import text_of, visitor

TODAY = date(2026, 11, 22)


def address(cause: Cause) -> str:
    return f"{cause.get_absolute_url()}briefing/"


def page(client: Client, cause: Cause) -> str:
    response = client.get(address(cause))
    assert response.status_code == 200
    return text_of(response)


def decide(staff: User, cause: Cause, result: Result, summary: str) -> None:
    record_decision(
        by=staff, cause=cause, result=result, summary=summary, source_url="", decided_on=TODAY
    )


def respond(staff: User, cause: Cause, text: str) -> None:
    record_response(by=staff, cause=cause, text=text, source_url="", published_on=TODAY)


class TestItTells:
    def test_demand_who_decides_what_changes_who_gains_and_who_loses(self, cause: Cause) -> None:
        html = page(visitor(), cause)
        for part in [
            'lang="en">Bring back Product X</h1>',
            "Corner Shop decides. A vote asks; it cannot force anybody.",
            "It is on the shelf again.",
            "<dt>Would gain</dt>",
            "Shoppers:</span> They can buy the product again.",
            "<dt>Would lose</dt>",
            "The supplier of the replacement:</span> It loses its place on the shelf.",
            "Corner Shop has not answered so far.",
            'href="https://example.org/report"',
            "not checked by anybody here",
        ]:
            assert part in html

    def test_the_organisations_own_words_in_the_size_of_the_demand(
        self, cause: Cause, bob: User
    ) -> None:
        respond(bob, cause, "We look at it.")
        html = page(visitor(), cause)
        assert '<blockquote class="briefing-words">We look at it.</blockquote>' in html
        assert '<h1 class="briefing-words demand"' in html

    def test_nothing_of_the_count(self, cause: Cause, alice: User) -> None:
        vote(alice, cause, "for")
        html = page(visitor(), cause)
        assert '<dl class="tally-numbers"' not in html
        assert f'<a href="{cause.get_absolute_url()}?count=1#count">Show the count' in html

    def test_why_a_hidden_cause_is_hidden(self, cause: Cause, bob: User) -> None:
        hide(by=bob, target=cause, reason="A private person.")
        response = visitor().get(address(cause))
        assert response.status_code == 403
        assert "A private person." in text_of(response)

    @pytest.mark.usefixtures("cause")
    def test_nothing_of_what_does_not_exist(self) -> None:
        assert visitor().get("/causes/no-such-cause/briefing/").status_code == 404

    def test_no_tracks(self, cause: Cause) -> None:
        response = visitor().get(f"{address(cause)}?utm=mail")
        assert response.headers["Location"] == address(cause)


class TestWhatIsMissingIsAskedFor:
    @pytest.fixture
    def bare(self, shop: Organisation) -> Cause:
        return publish_cause(
            author=None,
            organisation=shop,
            demand=Demand("Open on Sundays from ten", "en"),
            parties=[],
            sources=[],
            provenance=Provenance.IMPORTED,
        )

    def test_who_gains_who_loses_and_a_reason_of_each_side(self, bare: Cause) -> None:
        html = page(visitor(), bare)
        for part in [
            "Nobody has named who would gain by this yet. <a href=",
            "Nobody has named who would lose by this yet. <a href=",
            "Nobody has given a reason for it yet. <a href=",
            "Nobody has given a reason against it yet. <a href=",
            "The author names no sources.",
            "The author does not say what would change.",
            "Unknown: there is no earlier demand of this kind here.",
        ]:
            assert part in html

    def test_but_not_where_the_vote_is_closed(self, bare: Cause, bob: User) -> None:
        close_cause(by=bob, cause=bare)
        html = page(visitor(), bare)
        assert "Can you?" not in html
        assert "Voting is closed" in html

    def test_somebody_who_gains_and_loses_is_somebody_who_loses(
        self, bare: Cause, charlie: User
    ) -> None:
        name_party(by=charlie, cause=bare, party=Party("Staff", Effect.BOTH, "Paid, and tired."))
        html = page(visitor(), bare)
        assert "<dt>Would gain and lose</dt>" in html
        assert "Nobody has named" not in html


class TestQueries:
    """What the page of the cause asks for, edition, reasons of both sides, and precedents."""

    def test_of_a_stranger(
        self, cause: Cause, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(11):
            page(visitor(), cause)

    @pytest.mark.parametrize("number", [1, 3])
    def test_do_not_grow_with_what_there_is_to_tell(
        self,
        cause: Cause,
        alice: User,
        bob: User,
        shop: Organisation,
        number: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for n in range(number):
            decide(bob, start_cause(alice, shop, f"Bring back product {n}"), Result.GRANTED, "Yes.")
            name_party(by=alice, cause=cause, party=Party(f"P {n}", Effect.BOTH, "So."))
            respond(bob, cause, f"Answer {n}")
            post_statement(by=alice, cause=cause, side="for", text=f"Reason {n}")
        Cause.objects.filter(pk=cause.pk).update(opened_at=timezone.now())
        with django_assert_num_queries(13):
            page(visitor(), cause)


class TestPrecedents:
    def test_of_the_same_organisation_come_first(
        self, cause: Cause, alice: User, bob: User, shop: Organisation
    ) -> None:
        decide(bob, cause, Result.GRANTED, "It is back.")
        start_cause(alice, shop, "Sell it in glass bottles")
        later = start_cause(alice, shop, "Open at eight on Saturdays")
        html = page(visitor(), later)
        assert "2 earlier demands to Corner Shop stand here." in html
        assert "<li>granted: 1</li>" in html
        assert "unknown, or not decided: 1" in html
        assert "Bring back Product X</a> granted. It is back." in html

    def test_else_those_of_the_same_kind(self, cause: Cause, alice: User, bob: User) -> None:
        decide(bob, cause, Result.DECLINED, "It stays away.")
        other = find_or_add_organisation(name="Big Shop", kind="company")
        html = page(visitor(), start_cause(alice, other, "Open at eight on Saturdays"))
        assert "None earlier to Big Shop; 1 to others of this kind (company)." in html
        assert "<li>declined: 1</li>" in html

    def test_later_and_hidden_ones_are_none(
        self, cause: Cause, alice: User, bob: User, shop: Organisation
    ) -> None:
        later = start_cause(alice, shop, "Open at eight on Saturdays")
        hide(by=bob, target=cause, reason="A private person.")
        assert "Unknown: there is no earlier demand" in page(visitor(), later)

    def test_only_the_newest_decision_of_each_counts(
        self, cause: Cause, alice: User, bob: User, shop: Organisation
    ) -> None:
        decide(bob, cause, Result.DECLINED, "No.")
        decide(bob, cause, Result.GRANTED, "Yes after all.")
        html = page(visitor(), start_cause(alice, shop, "Open at eight on Saturdays"))
        assert "<li>granted: 1</li>" in html
        assert "declined" not in html
