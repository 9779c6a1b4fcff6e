from datetime import UTC, date, datetime, timedelta

import pytest

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause, Provenance
from stimme.apps.causes.selectors import causes, rows, similar_causes, waiting
from stimme.apps.causes.services import Demand, close_cause, publish_cause
from stimme.apps.moderation.services import hide
from stimme.apps.organisations.models import Organisation, Result
from stimme.apps.organisations.services import (
    find_or_add_organisation,
    record_decision,
    record_response,
)
from tests.house import vote

BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)
TODAY = date(2026, 11, 22)


def ask(organisation: Organisation, text: str, *, day: int = 0, language: str = "en") -> Cause:
    return publish_cause(
        author=None,
        organisation=organisation,
        demand=Demand(text, language),
        parties=[],
        sources=[],
        provenance=Provenance.SIMULATED,
        at=BEGIN + timedelta(days=day),
    )


def asks(found: list[Cause]) -> list[str]:
    return [str(cause) for cause in found]


@pytest.mark.parametrize(
    "q, found",
    [
        ("", ["Öffnet das Café", "Open the café"]),
        ("cafe", ["Öffnet das Café", "Open the café"]),
        ("CAFÉ öffnet", ["Öffnet das Café"]),
        ("corner open", ["Open the café"]),
        ("caf%", ["Öffnet das Café", "Open the café"]),
        ("c_fe", []),
        ("tea", []),
        ("!!", ["Öffnet das Café", "Open the café"]),
    ],
)
def test_a_cause_is_found_by_all_its_words(shop: Organisation, q: str, found: list[str]) -> None:
    ask(shop, "Open the café", day=1)
    ask(shop, "Öffnet das Café", day=2, language="de")
    assert asks(list(causes(q=q))) == found


def test_causes_are_told_apart_by_state(shop: Organisation, alice: User, bob: User) -> None:
    asked, answered, decided, closed = (
        ask(shop, text, day=day)
        for day, text in enumerate(["Just asked", "Answered", "Decided", "Closed"])
    )
    record_response(by=bob, cause=answered, text="We look.", source_url="", published_on=TODAY)
    record_decision(
        by=bob,
        cause=decided,
        result=Result.GRANTED,
        summary="Yes.",
        source_url="",
        decided_on=TODAY,
    )
    close_cause(by=bob, cause=closed)
    assert list(causes(show="open")) == [decided, answered, asked]
    assert list(causes(show="waiting")) == [asked]
    assert list(causes(show="decided")) == [decided]
    assert list(causes(show="closed")) == [closed]


def test_those_who_wait_longest_come_first(shop: Organisation) -> None:
    for day in [2, 1, 3]:
        ask(shop, f"Day {day}", day=day)
    assert asks(list(waiting())) == ["Day 1", "Day 2", "Day 3"]


def test_causes_are_told_apart_by_language(shop: Organisation) -> None:
    ask(shop, "Open the doors")
    german = ask(shop, "Öffnet die Türen", language="de")
    assert list(causes(language="de")) == [german]


def test_hidden_causes_are_in_no_list(shop: Organisation, bob: User) -> None:
    hidden = ask(shop, "Open the doors on Sundays")
    hide(by=bob, target=hidden, reason="Under review.")
    assert list(causes()) == []
    assert list(waiting()) == []
    assert similar_causes(ask="Open the doors", organisation=shop) == []


def test_a_row_says_how_many_voted_and_not_how(cause: Cause, alice: User, charlie: User) -> None:
    vote(alice, cause, "for")
    vote(charlie, cause, "against")
    [row] = rows(list(causes()))
    assert (row.cause, row.voters) == (cause, 2)


def test_similar_causes_come_by_organisation_and_shared_words(shop: Organisation) -> None:
    town = find_or_add_organisation(name="Town")
    ask(town, "Open the swimming pool on Sundays", day=1)
    ask(town, "Open the swimming pool", day=2)
    ask(shop, "Open on Mondays", day=3)
    ask(shop, "Sell cakes", day=4)
    similar = similar_causes(ask="Open the swimming pool on SUNDAYS!", organisation=shop)
    assert [str(row.cause) for row in similar] == [
        "Open on Mondays",
        "Open the swimming pool on Sundays",
        "Open the swimming pool",
    ]


def test_at_most_five_are_similar(shop: Organisation) -> None:
    for number in range(7):
        ask(shop, f"Open door {number}", day=number)
    assert len(similar_causes(ask="Open the doors", organisation=None)) == 5


def test_short_words_make_nothing_similar(shop: Organisation) -> None:
    ask(shop, "Do it on the bus")
    assert similar_causes(ask="On the bus", organisation=shop) == []
