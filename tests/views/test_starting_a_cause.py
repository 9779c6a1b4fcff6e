"""The steps of starting a cause, without JavaScript, back and forth."""

import pytest
from django.conf import settings
from django.test import Client

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause, Draft
from stimme.apps.organisations.models import Organisation
from tests.house import start_cause
from tests.visitors import Answer, text_of, visitor

START = "/causes/start/"
ORGANISATION = {"name": "Town Hall", "kind": "authority", "website": "townhall.example"}
DEMAND = {
    "ask": "Open the town hall on Saturdays",
    "what_changes": "It is open from 9 to 12.\nFrom January on.",
    "language": "en",
}
AFFECTED = [
    {"name": "People who work all week", "effect": "gains", "how": "They need no day off."},
    {"name": "Staff", "effect": "loses", "how": "They work on Saturdays."},
]
SOURCES = [{"title": "Opening hours", "url": "https://townhall.example/hours"}]


def rows(content: list[dict[str, str]], total: int | None = None) -> dict[str, str]:
    data = {"form-TOTAL_FORMS": str(total or len(content)), "form-INITIAL_FORMS": "0"}
    for index, row in enumerate(content):
        data |= {f"form-{index}-{name}": text for name, text in row.items()}
    return data


def send(client: Client, step: str, data: dict[str, str], go: str = "next") -> Answer:
    return client.post(START + step, {**data, "go": go})


def fill(client: Client) -> None:
    for step, data in [
        ("", ORGANISATION),
        ("demand/", DEMAND),
        ("affected/", rows(AFFECTED)),
        ("sources/", rows(SOURCES)),
    ]:
        response = send(client, step, data)
        assert response.status_code == 302
    assert response.headers["Location"] == f"{START}preview/"


def test_a_stranger_signs_in_first_and_comes_back(db: None) -> None:
    response = visitor().get(START)
    assert response.status_code == 302
    assert response.headers["Location"].endswith(f"?next={START}")


def test_from_the_organisation_to_the_published_cause(alice: User) -> None:
    client = visitor(alice)
    fill(client)
    preview = text_of(client.get(f"{START}preview/"))
    for part in [
        "Open the town hall on Saturdays",
        "It is open from 9 to 12.<br>From January on.",
        "asked of Town Hall",
        "People who work all week",
        "Would lose.",
        "townhall.example/hours",
    ]:
        assert part in preview
    response = client.post(f"{START}preview/")
    cause = Cause.objects.get()
    assert response.headers["Location"] == cause.get_absolute_url()
    assert (cause.author, cause.organisation.website) == (alice, "https://townhall.example")
    assert "Your cause is published." in text_of(client.get(cause.get_absolute_url()))


def test_a_second_click_on_publish_is_no_second_cause(alice: User) -> None:
    client = visitor(alice)
    fill(client)
    for _click in range(2):
        assert client.post(f"{START}preview/").status_code == 302
    assert Cause.objects.count() == 1


def test_what_was_typed_is_there_on_the_way_back_right_or_wrong(alice: User) -> None:
    client = visitor(alice)
    fill(client)
    response = send(client, "demand/", {**DEMAND, "ask": "Too short"}, "back")
    assert response.headers["Location"] == START
    assert 'value="Town Hall"' in text_of(client.get(START))
    assert "Too short" in text_of(client.get(f"{START}demand/"))
    response = send(client, "affected/", rows(AFFECTED[:1]), "back")
    assert response.headers["Location"] == f"{START}demand/"
    assert "People who work all week" in text_of(client.get(f"{START}affected/"))


def test_the_draft_waits_for_another_visit(alice: User) -> None:
    fill(visitor(alice))
    assert "Open the town hall" in text_of(visitor(alice).get(f"{START}preview/"))


def test_the_draft_is_nobody_elses(alice: User, charlie: User) -> None:
    fill(visitor(alice))
    response = visitor(charlie).get(f"{START}preview/")
    assert response.headers["Location"] == START


def test_the_preview_leads_back_to_what_is_wrong(alice: User) -> None:
    client = visitor(alice)
    fill(client)
    send(client, "affected/", rows(AFFECTED[:1]), "back")
    for response in [client.get(f"{START}preview/"), client.post(f"{START}preview/")]:
        assert response.headers["Location"] == f"{START}affected/?check=1"
    html = text_of(client.get(f"{START}affected/?check=1"))
    assert "Name at least one party that would lose" in html
    assert not Cause.objects.exists()


def test_a_draft_can_be_thrown_away(alice: User) -> None:
    client = visitor(alice)
    fill(client)
    assert send(client, "demand/", DEMAND, "discard").headers["Location"] == "/causes/"
    assert not Draft.objects.exists()


@pytest.mark.usefixtures("shop")
class TestTheOrganisation:
    def test_is_found_under_another_spelling(self, alice: User) -> None:
        response = send(visitor(alice), "", {**ORGANISATION, "name": " corner  SHOP"})
        assert response.headers["Location"] == f"{START}demand/"

    def test_is_asked_about_when_there_are_similar_ones(self, alice: User) -> None:
        client = visitor(alice)
        response = send(client, "", {**ORGANISATION, "name": "Shop at the corner"})
        assert response.status_code == 422
        html = text_of(response)
        assert "Is it one of these?" in html
        assert "No, add “Shop at the corner”" in html
        for known in ["corner-shop", "+"]:
            data = {**ORGANISATION, "name": "Shop at the corner", "known": known}
            assert send(client, "", data).status_code == 302

    @pytest.mark.parametrize(
        "known, name", [("corner-shop", "Corner Shop"), ("+", "Shop at the corner")]
    )
    def test_is_the_chosen_one(self, alice: User, known: str, name: str) -> None:
        client = visitor(alice)
        fill(client)
        send(client, "", {**ORGANISATION, "name": "Shop at the corner", "known": known})
        client.post(f"{START}preview/")
        assert Cause.objects.get().organisation.name == name

    def test_can_come_from_its_page(self, alice: User) -> None:
        html = text_of(visitor(alice).get(START, {"organisation": "corner-shop"}))
        assert 'value="Corner Shop"' in html

    def test_is_not_added_before_publishing(self, alice: User) -> None:
        client = visitor(alice)
        fill(client)
        client.get(f"{START}preview/")
        assert Organisation.objects.get().name == "Corner Shop"


class TestTheDemand:
    @pytest.mark.parametrize(
        "changes",
        [
            {"ask": "x" * 11},
            {"ask": "x" * 161},
            {"ask": "!" * 20},
            {"ask": ""},
            {"what_changes": ""},
            {"what_changes": "x" * 1201},
            {"language": "xx"},
        ],
    )
    def test_is_one_clear_sentence(self, alice: User, changes: dict[str, str]) -> None:
        response = send(visitor(alice), "demand/", {**DEMAND, **changes})
        assert response.status_code == 422
        assert 'class="errors"' in text_of(response)

    def test_is_counted_after_tidying(self, alice: User) -> None:
        ask = "  Open   the   doors  "
        response = send(visitor(alice), "demand/", {**DEMAND, "ask": ask})
        assert response.status_code == 302

    def test_of_other_people_is_shown_beside_it(
        self, alice: User, charlie: User, shop: Organisation
    ) -> None:
        start_cause(charlie, shop, "Open the shop on Saturdays")
        client = visitor(alice)
        fill(client)
        html = text_of(client.get(f"{START}preview/"))
        assert "Is one of these the same?" in html
        assert "Open the shop on Saturdays" in html


class TestTheRows:
    def test_four_are_shown_and_more_on_request(self, alice: User) -> None:
        client = visitor(alice)
        assert len(client.get(f"{START}affected/").context["form"].forms) == 4
        response = send(client, "affected/", rows(AFFECTED, total=4), "add")
        page = client.get(response.headers["Location"])
        assert len(page.context["form"].forms) == 5
        assert "People who work all week" in text_of(page)

    def test_eight_are_the_most(self, alice: User) -> None:
        client = visitor(alice)
        response = send(client, "affected/", rows(AFFECTED * 4), "add")
        page = client.get(response.headers["Location"])
        assert len(page.context["form"].forms) == 8
        assert 'value="add"' not in text_of(page)

    def test_a_ninth_is_refused(self, alice: User) -> None:
        response = send(visitor(alice), "affected/", rows(AFFECTED * 5))
        assert response.status_code == 422

    def test_empty_ones_are_left_out(self, alice: User) -> None:
        client = visitor(alice)
        fill(client)
        send(client, "affected/", rows([{"name": " "}, *AFFECTED], total=8))
        client.post(f"{START}preview/")
        assert Cause.objects.get().parties.count() == 2

    def test_half_filled_ones_are_pointed_at(self, alice: User) -> None:
        response = send(visitor(alice), "affected/", rows([*AFFECTED, {"name": "Neighbours"}]))
        assert response.status_code == 422
        assert text_of(response).count('class="errors"') == 2

    def test_there_may_be_no_source(self, alice: User) -> None:
        client = visitor(alice)
        fill(client)
        assert send(client, "sources/", rows([], total=2)).status_code == 302
        client.post(f"{START}preview/")
        assert Cause.objects.get().sources.count() == 0


def test_a_cause_too_many_is_429_and_the_draft_is_kept(alice: User, shop: Organisation) -> None:
    for number in range(settings.STIMME.causes_per_day):
        start_cause(alice, shop, f"Bring back Product {number}")
    client = visitor(alice)
    fill(client)
    response = client.post(f"{START}preview/")
    assert response.status_code == 429
    assert "as many causes today as one person can" in text_of(response)
    assert Draft.objects.exists()


def test_an_unknown_step_is_not_found(alice: User) -> None:
    assert visitor(alice).get(f"{START}payment/").status_code == 404
