import pytest
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, Provenance, close_cause, publish_cause
from stimme.apps.moderation.services import hide
from stimme.apps.organisations.models import Organisation
from stimme.apps.organisations.services import find_or_add_organisation
from tests.house import start_cause, vote
from tests.visitors import text_of, visitor


def listed(**query: str) -> list[str]:
    return [str(row.cause) for row in visitor().get("/causes/", query).context["rows"]]


def test_search_and_filter_go_together(cause: Cause, alice: User, shop: Organisation) -> None:
    closed = start_cause(alice, shop, "Bring back Product Y")
    close_cause(by=alice, cause=closed)
    assert listed(q="bring product") == ["Bring back Product Y", "Bring back Product X"]
    assert listed(q="bring product", show="closed") == ["Bring back Product Y"]
    assert listed(q="bring", show="open", language="en") == ["Bring back Product X"]
    assert listed(q="bring", language="de") == []


@pytest.mark.parametrize(
    "query", [{"show": "everything"}, {"language": "xx"}, {"page": "-1"}, {"page": "x\0"}]
)
def test_a_question_that_makes_no_sense_is_left_out(cause: Cause, query: dict[str, str]) -> None:
    assert listed(**query) == ["Bring back Product X"]


@pytest.mark.parametrize("q", ["\0", "x" * 300, "'; DROP TABLE", "%", "\u202e"])
def test_any_search_has_an_answer(cause: Cause, q: str) -> None:
    assert visitor().get("/causes/", {"q": q}).status_code == 200
    assert visitor().get("/organisations/", {"q": q}).status_code == 200


def test_the_search_keeps_the_filter_and_the_filter_the_search(cause: Cause) -> None:
    html = text_of(visitor().get("/causes/", {"q": "bring", "show": "open"}))
    assert '<input type="hidden" name="show" value="open">' in html
    assert 'href="?q=bring&amp;show=closed"' in html
    assert 'href="?q=bring&amp;show=open" aria-current="true"' in html


def test_nothing_found_says_what_to_do(db: None) -> None:
    html = text_of(visitor().get("/causes/", {"q": "nothing"}))
    assert "Nothing found" in html
    assert 'href="/causes/start/"' in html


def test_a_page_has_twenty_and_leads_on(shop: Organisation) -> None:
    for number in range(21):
        publish_cause(
            author=None,
            organisation=shop,
            demand=Demand(f"Sell product {number}", "en"),
            parties=[],
            sources=[],
            provenance=Provenance.SIMULATED,
        )
    first = visitor().get("/causes/", {"q": "sell"})
    assert len(first.context["rows"]) == 20
    assert 'href="?q=sell&amp;page=2"' in text_of(first)
    assert listed(q="sell", page="2") == ["Sell product 0"]


def test_no_balance_is_shown(cause: Cause, alice: User, charlie: User) -> None:
    for user in [alice, charlie]:
        vote(user, cause, "against")
    for address in ["/causes/", "/organisations/corner-shop/"]:
        main = text_of(visitor().get(address)).split("<main")[1]
        assert "2 voters" in main
        assert "against" not in main.replace("for it or against it", "")


def test_organisations_are_found_with_the_number_of_their_causes(
    cause: Cause, alice: User, bob: User
) -> None:
    find_or_add_organisation(name="Café Müller")
    hide(by=bob, target=start_cause(alice, cause.organisation, "Hide me now"), reason="Test.")
    html = text_of(visitor().get("/organisations/", {"q": "SHOP"}))
    assert '<a href="/organisations/corner-shop/">Corner Shop</a>' in html
    assert "<span>1 cause</span>" in html
    assert "Café" not in html
    assert "Café Müller" in text_of(visitor().get("/organisations/", {"q": "muller cafe"}))


def test_the_page_of_an_organisation_has_its_causes_and_no_hidden_ones(
    cause: Cause, alice: User, bob: User
) -> None:
    hide(by=bob, target=start_cause(alice, cause.organisation, "Hide me now"), reason="Test.")
    html = text_of(visitor().get("/organisations/corner-shop/"))
    assert "Bring back Product X" in html
    assert "Hide me now" not in html
    assert "1 cause asks it for something." in html
    assert 'href="/causes/start/?organisation=corner-shop"' in html


def test_an_unknown_organisation_is_not_found(db: None) -> None:
    assert visitor().get("/organisations/nobody/").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_queries(
    alice: User,
    shop: Organisation,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for n in range(number):
        vote(alice, start_cause(alice, shop, f"Bring back Product {n}"), "for")
        find_or_add_organisation(name=f"Organisation {n}")
    for address, queries in [
        ("/causes/", 3),
        ("/organisations/", 2),
        ("/organisations/corner-shop/", 6),
    ]:
        with django_assert_num_queries(queries):
            visitor().get(address)
