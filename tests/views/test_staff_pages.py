from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.accounts.staff_site import staff_site
from stimme.apps.causes.models import Cause
from stimme.apps.moderation.services import hide
from stimme.apps.organisations.models import Decision, OfficialResponse, Organisation, Result
from stimme.apps.organisations.services import (
    find_or_add_organisation,
    record_decision,
    record_response,
)
from stimme.cli import run
from tests.house import start_cause

TODAY = date(2026, 11, 22)
RESPONSE = {
    "text": "We bring it back in spring.",
    "source_url": "https://example.org/answer",
    "published_on": "2026-11-20",
}
DECISION = {
    "result": "granted",
    "summary": "The product returns to all shops.",
    "source_url": "",
    "decided_on": "2026-11-21",
}


@pytest.fixture
def staff(client: Client, bob: User) -> Client:
    client.force_login(bob)
    return client


def url(cause: Cause, action: str) -> str:
    return f"/organisations/causes/{cause.slug}/{action}/"


def test_staff_record_an_answer(staff: Client, cause: Cause, bob: User) -> None:
    assert staff.get(url(cause, "respond")).status_code == 200
    answer = staff.post(url(cause, "respond"), RESPONSE)
    assert (answer.status_code, answer["Location"]) == (302, cause.get_absolute_url())
    recorded = OfficialResponse.objects.get()
    assert (recorded.text, recorded.recorded_by) == (RESPONSE["text"], bob)
    assert RESPONSE["text"] in staff.get(cause.get_absolute_url()).content.decode()


def test_staff_record_a_decision(staff: Client, cause: Cause) -> None:
    assert staff.get(url(cause, "decide")).status_code == 200
    staff.post(url(cause, "decide"), DECISION)
    recorded = Decision.objects.get()
    assert (recorded.result, recorded.summary) == ("granted", DECISION["summary"])
    assert DECISION["summary"] in staff.get(cause.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    "action, wrong",
    [
        ("respond", {**RESPONSE, "text": ""}),
        ("respond", {**RESPONSE, "text": "\u202eback"}),
        ("respond", {**RESPONSE, "source_url": "javascript:alert(1)"}),
        ("respond", {**RESPONSE, "published_on": "yesterday"}),
        ("decide", {**DECISION, "result": "perhaps"}),
        ("decide", {**DECISION, "summary": "x" * 2001}),
    ],
)
def test_wrong_input_is_explained_and_nothing_stored(
    staff: Client, cause: Cause, action: str, wrong: dict[str, str]
) -> None:
    assert staff.post(url(cause, action), wrong).status_code == 422
    assert (OfficialResponse.objects.count(), Decision.objects.count()) == (0, 0)


def test_the_cause_leads_staff_there_and_nobody_else(
    staff: Client, cause: Cause, alice: User
) -> None:
    owner = Client()
    owner.force_login(alice)
    links = [url(cause, "respond"), url(cause, "decide"), f"/moderation/causes/{cause.slug}/"]
    pages = [who.get(cause.get_absolute_url()).content.decode() for who in [staff, owner]]
    assert [[link in page for link in links] for page in pages] == [[True] * 3, [False] * 3]


def registered_models() -> list[type[Any]]:
    return [model for model in apps.get_models() if staff_site.is_registered(model)]


def test_the_staff_site_holds_these_models_and_nothing_of_the_ballot() -> None:
    registered = {model._meta.label for model in registered_models()}
    assert registered == {
        "accounts.User",
        "causes.Cause",
        "moderation.Action",
        "organisations.Decision",
        "organisations.OfficialResponse",
        "organisations.Organisation",
    }
    ballot = {model._meta.label for model in apps.get_app_config("ballot").get_models()}
    assert registered & ballot == set()


def test_every_page_of_the_staff_site_opens(
    staff: Client, cause: Cause, alice: User, bob: User
) -> None:
    hide(by=bob, target=cause.sources.all()[0], reason="Broken link")
    record_response(
        by=bob, cause=cause, text="No.", source_url="https://example.org", published_on=TODAY
    )
    record_decision(
        by=bob, cause=cause, result=Result.DECLINED, summary="-", source_url="", decided_on=TODAY
    )
    assert staff.get("/staff/").status_code == 200
    for model in registered_models():
        path = f"/staff/{model._meta.app_label}/{model._meta.model_name}/"
        first = model.objects.first()
        assert first
        assert staff.get(path).status_code == 200
        page = staff.get(f"{path}{first.pk}/change/")
        assert page.status_code == 200
        assert "salt" not in page.content.decode()
        assert staff.get(f"{path}add/").status_code == 403
        assert staff.post(f"{path}{first.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_queries_of_the_lists_of_the_staff_site(
    staff: Client,
    alice: User,
    bob: User,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for n in range(number):
        cause = start_cause(alice, find_or_add_organisation(name=f"Shop {n}"), f"Sell product {n}")
        hide(by=bob, target=cause.sources.all()[0], reason="Broken link")
        record_response(by=bob, cause=cause, text="No.", source_url="", published_on=TODAY)
        record_decision(
            by=bob,
            cause=cause,
            result=Result.DECLINED,
            summary="-",
            source_url="",
            decided_on=TODAY,
        )
    staff.get("/staff/")
    for path, queries in [
        ("accounts/user", 5),
        ("causes/cause", 7),
        ("moderation/action", 5),
        ("organisations/decision", 5),
        ("organisations/officialresponse", 5),
        ("organisations/organisation", 5),
    ]:
        with django_assert_num_queries(queries):
            staff.get(f"/staff/{path}/")


def test_staff_can_switch_an_account_off_and_change_nothing_else_of_it(
    staff: Client, charlie: User
) -> None:
    posted = {"email": "x@example.org", "level_reached": "3", "is_staff": "on"}
    staff.post(f"/staff/accounts/user/{charlie.pk}/change/", posted)
    charlie.refresh_from_db()
    assert (charlie.email, charlie.level_reached, charlie.is_staff, charlie.is_active) == (
        "charlie@example.org",
        0,
        False,
        False,
    )


def test_staff_can_correct_what_kind_of_organisation_it_is_but_not_its_name(
    staff: Client, shop: Organisation
) -> None:
    posted = {"name": "Other", "slug": "other", "kind": "club", "website": ""}
    staff.post(f"/staff/organisations/organisation/{shop.pk}/change/", posted)
    shop.refresh_from_db()
    assert (shop.name, shop.slug, shop.kind) == ("Corner Shop", "corner-shop", "club")


def test_there_are_no_passwords_at_the_staff_site_either(staff: Client) -> None:
    for path in ["password_change/", "password_change/done/"]:
        assert staff.get(f"/staff/{path}", follow=True).status_code == 404


@pytest.mark.django_db
def test_people_are_made_staff_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["staff", "add", "Dora@example.org"]) == 0
    assert run(["staff", "list"]) == 0
    assert run(["staff", "remove", "dora@example.org"]) == 0
    assert run(["staff", "remove", "nobody@example.org"]) == 1
    assert run(["staff", "add"]) == 2
    assert capsys.readouterr().out.splitlines() == [
        "dora@example.org belongs to the staff.",
        "dora@example.org",
        "dora@example.org no longer belongs to the staff.",
        "stimme: nobody here has the address nobody@example.org",
        "stimme: name the e-mail address of the person",
    ]


@pytest.mark.django_db
def test_django_can_make_a_superuser_without_a_password() -> None:
    call_command("createsuperuser", email="root@example.org", interactive=False, verbosity=0)
    user = User.objects.get()
    assert (user.is_superuser, user.has_usable_password()) == (True, False)
