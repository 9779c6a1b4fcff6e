from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from stimme.apps.accounts.models import User
from stimme.apps.ballot.services import stand_by
from stimme.apps.causes.corrections import Fault, record_correction
from stimme.apps.causes.models import Cause, CauseVersion
from stimme.apps.causes.services import Demand, close_cause, revise_cause
from stimme.apps.moderation.services import hide
from stimme.apps.organisations.commitments import record_commitment, record_status
from stimme.apps.organisations.models import Organisation, Result
from stimme.apps.organisations.services import record_decision, record_response
from stimme.engines.translog import short_code
from tests.house import lines, start_cause, version_of, vote
from tests.visitors import text_of, visitor

NEW = Demand("Bring back Product X before Christmas", "en")


def entries(user: User) -> list[tuple[str, str]]:
    """Demand and choice, as the page lists them."""
    found = visitor(user).get("/votes/").context["entries"]
    return [(entry.version.ask, entry.receipt.choice) for entry in found]


def test_nothing_voted_yet_is_explained(charlie: User) -> None:
    assert "You have not voted yet" in text_of(visitor(charlie).get("/votes/"))


def test_strangers_are_asked_to_sign_in(db: None) -> None:
    response = visitor().get("/votes/")
    assert response.status_code == 302
    assert response.headers["Location"].endswith("?next=/votes/")


def test_every_vote_of_mine_is_there_the_latest_first(
    cause: Cause, alice: User, charlie: User, shop: Organisation
) -> None:
    second = start_cause(alice, shop, "Bring back Product Y")
    start_cause(alice, shop, "Bring back Product Z")
    vote(charlie, cause, "for")
    vote(charlie, second, "against")
    vote(charlie, cause, "withdrawn")
    vote(alice, cause, "for")
    assert entries(charlie) == [
        ("Bring back Product X", "withdrawn"),
        ("Bring back Product Y", "against"),
    ]


def test_an_entry_leads_to_cause_and_receipt(cause: Cause, charlie: User) -> None:
    vote(charlie, cause, "for")
    html = text_of(visitor(charlie).get("/votes/"))
    for part in [
        cause.get_absolute_url(),
        f'href="/receipt/{version_of(cause).cid}/"',
        short_code(*lines(kind="vote")),
        "e-mail address",
        "Corner Shop",
    ]:
        assert part in html


def test_votes_on_old_versions_say_that_there_is_a_new_one(
    cause: Cause, alice: User, charlie: User
) -> None:
    vote(charlie, cause, "for")
    revise_cause(by=alice, cause=cause, demand=NEW)
    asked = text_of(visitor(charlie).get("/votes/"))
    assert "The demand was reworded. <a" in asked
    assert "newer version of this demand" not in asked
    stand_by(user=charlie, cid=CauseVersion.objects.get(number=1).cid)
    assert "newer version of this demand" in text_of(visitor(charlie).get("/votes/"))
    vote(charlie, cause, "against")
    assert entries(charlie) == [
        ("Bring back Product X before Christmas", "against"),
        ("Bring back Product X", "for"),
    ]


def test_what_became_of_it_is_said(cause: Cause, bob: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    for day, result in [(1, Result.DECLINED), (2, Result.GRANTED)]:
        record_decision(
            by=bob,
            cause=cause,
            result=result,
            summary=f"On day {day}.",
            source_url="",
            decided_on=date(2026, 11, day),
        )
    close_cause(by=bob, cause=cause)
    html = text_of(visitor(charlie).get("/votes/"))
    told = ["Decided: declined", "On day 1.", "Decided: granted", "On day 2.", "state-closed"]
    assert [html.count(one) for one in told] == [1] * len(told)
    assert html.index("On day 1.") < html.index("On day 2.")


def test_a_hidden_demand_is_not_repeated(cause: Cause, bob: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    hide(by=bob, target=cause, reason="It names a private person.")
    html = text_of(visitor(charlie).get("/votes/"))
    assert "Product X" not in html
    assert "Hidden by moderation" in html


def test_a_page_has_twenty(
    alice: User, charlie: User, shop: Organisation, settings: Settings
) -> None:
    settings.STIMME = settings.STIMME.model_copy(update={"causes_per_day": 50})
    for number in range(21):
        vote(charlie, start_cause(alice, shop, f"Bring back Product {number}"), "for")
    assert len(entries(charlie)) == 20
    assert "21 votes" in text_of(visitor(charlie).get("/votes/"))
    assert len(visitor(charlie).get("/votes/", {"page": "2"}).context["entries"]) == 1


@pytest.mark.parametrize("number", [1, 3])
def test_queries(
    alice: User,
    bob: User,
    charlie: User,
    shop: Organisation,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for n in range(number):
        cause = start_cause(alice, shop, f"Bring back Product {n}")
        vote(charlie, cause, "for")
        let_everything_happen(cause, alice, bob)
    client = visitor(charlie)
    with django_assert_num_queries(12):
        html = text_of(client.get("/votes/"))
    for told in ["organisation answered", "Decided:", "committed itself", "Corrected:"]:
        assert html.count(told) == number


def let_everything_happen(cause: Cause, alice: User, bob: User) -> None:
    day = date(2026, 11, 1)
    record_response(by=bob, cause=cause, text="Let us see.", source_url="", published_on=day)
    decision = record_decision(
        by=bob, cause=cause, result=Result.GRANTED, summary="Yes.", source_url="", decided_on=day
    )
    commitment = record_commitment(
        by=bob,
        decision=decision,
        what="It is back in every shop.",
        due_on=date(2100, 1, 1),
        how_seen="It stands on the shelf.",
    )
    record_status(
        by=bob,
        commitment=commitment,
        status="kept",
        note="It is there.",
        since=day,
        evidence_url="https://example.org/shelf",
    )
    record_correction(
        by=alice, cause=cause, fault=Fault("claim_false", "It was never gone.", day, "author")
    )
