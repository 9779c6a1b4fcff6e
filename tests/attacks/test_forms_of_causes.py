"""Forms that another site, or somebody else, sends in a person's name."""

import pytest
from django.test import Client

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause, CauseVersion, Draft
from tests.house import version_of
from tests.views.test_starting_a_cause import fill
from tests.visitors import Answer, paper_in, visitor

NEW = {"ask": "Bring back Product Y by Easter", "what_changes": "It is there.", "go": "publish"}
STEPS = ["", "demand/", "affected/", "sources/"]


def forbidden(client: Client, address: str, data: dict[str, str]) -> bool:
    response: Answer = client.post(address, data)
    return response.status_code == 403


@pytest.mark.parametrize("step", STEPS)
def test_no_other_site_writes_a_draft(alice: User, step: str) -> None:
    assert forbidden(visitor(alice, csrf=True), f"/causes/start/{step}", {"name": "Evil"})
    assert not Draft.objects.exists()


@pytest.mark.parametrize("step", STEPS)
def test_no_other_site_throws_a_draft_away(alice: User, step: str) -> None:
    fill(visitor(alice))
    assert forbidden(visitor(alice, csrf=True), f"/causes/start/{step}", {"go": "discard"})
    assert Draft.objects.exists()


def test_no_other_site_publishes(alice: User) -> None:
    fill(visitor(alice))
    assert forbidden(visitor(alice, csrf=True), "/causes/start/preview/", {})
    assert not Cause.objects.exists()


def test_no_other_site_rewords(cause: Cause, alice: User) -> None:
    client = visitor(alice, csrf=True)
    assert forbidden(client, f"{cause.get_absolute_url()}revise/", NEW)
    assert CauseVersion.objects.count() == 1


def test_no_other_site_closes(cause: Cause, alice: User) -> None:
    assert forbidden(visitor(alice, csrf=True), f"{cause.get_absolute_url()}close/", {})
    cause.refresh_from_db()
    assert cause.state == "open"


def test_no_other_site_changes_the_language(db: None) -> None:
    for header in [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ]:
        answer = visitor(csrf=True).post("/language/", {"language": "fr"}, headers=header)
        assert (answer.status_code, dict(answer.cookies)) == (403, {})


def test_the_language_leads_to_no_other_site(db: None) -> None:
    chosen = {"language": "fr", "next": "https://evil.example/"}
    assert visitor().post("/language/", chosen).headers["Location"] == "/"


def test_a_vote_needs_its_paper_and_no_token(cause: Cause, alice: User) -> None:
    """The paper opens only with the session it was issued to: no other site has one."""
    client = visitor(alice, csrf=True)
    response = client.post("/ballot", {"paper": paper_in(client, cause), "choice": "for"})
    assert response.status_code == 302
    assert client.post("/ballot", {"choice": "for"}).status_code == 403


@pytest.mark.parametrize(
    "address", ["start/", "start/demand/", "start/preview/", "{slug}/revise/", "{slug}/close/"]
)
def test_strangers_change_nothing(cause: Cause, address: str) -> None:
    response = visitor().post(f"/causes/{address.format(slug=cause.slug)}", NEW)
    assert response.status_code == 302
    assert "/account/" in response.headers["Location"]
    assert not Draft.objects.exists()
    assert version_of(cause).ask == "Bring back Product X"


def test_a_cause_is_published_for_the_one_who_is_signed_in(alice: User, charlie: User) -> None:
    client = visitor(charlie)
    fill(client)
    client.post("/causes/start/preview/", {"author": alice.pk, "provenance": "imported"})
    cause = Cause.objects.get()
    assert (cause.author, cause.provenance) == (charlie, "person")
