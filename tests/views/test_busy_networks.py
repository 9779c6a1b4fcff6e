"""Signing in while many do from one network: a school, an office."""

import re

import pytest
from django.core import mail
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from stimme.apps.accounts import proof_of_work
from tests.sign_in import CODE, SIGN_IN
from tests.visitors import Answer, text_of, visitor

pytestmark = pytest.mark.django_db
CHALLENGE = "data-challenge="
NOW = 1_800_000_000.0


@pytest.fixture(autouse=True)
def _one_a_minute(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STIMME = settings.STIMME.model_copy(update={"sign_ins_per_minute": 1})
    monkeypatch.setattr(proof_of_work, "ROUNDS", 10)
    later(monkeypatch, 0)


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr("time.time", lambda: NOW + seconds)


def fill() -> None:
    assert visitor().post(SIGN_IN, {"login": "first@example.org"}).status_code == 302


def ticket_in(answer: Answer) -> str:
    return re.findall(r'name="ticket" value="([^"]+)"', answer.content.decode())[0]


def test_in_calm_times_the_page_asks_for_nothing() -> None:
    page = text_of(visitor().get(SIGN_IN))
    assert (CHALLENGE in page, "proof-of-work.js" in page, "Wait for your turn" in page) == (
        False,
        False,
        False,
    )


def test_while_it_is_busy_the_page_brings_work_and_another_way() -> None:
    fill()
    page = text_of(visitor().get(SIGN_IN))
    assert page.count(CHALLENGE) == 1
    assert "proof-of-work.js" in page
    assert "Wait for your turn" in page


def test_who_comes_just_too_late_keeps_the_address_and_is_told_what_to_do() -> None:
    fill()
    answer = visitor().post(SIGN_IN, {"login": "second@example.org"})
    page = text_of(answer)
    assert answer.status_code == 200
    assert "Many people sign in from your network right now. Press the button again" in page
    assert 'value="second@example.org"' in page
    assert page.count(CHALLENGE) == 1


def test_without_javascript_one_waits_as_long_as_the_page_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill()
    client = visitor()
    told = client.post(SIGN_IN, {"login": "second@example.org", "wait": "1"})
    page = text_of(told)
    assert "Your turn comes in 60 seconds. Press the button again then." in page
    assert 'value="second@example.org"' in page
    assert CHALLENGE not in page
    form = {"login": "second@example.org", "ticket": ticket_in(told)}
    later(monkeypatch, 20)
    early = client.post(SIGN_IN, form)
    assert "Your turn comes in 40 seconds." in text_of(early)
    assert ticket_in(early) == form["ticket"]
    later(monkeypatch, 60)
    assert client.post(SIGN_IN, form)["Location"] == CODE
    assert mail.outbox[-1].to == ["second@example.org"]


def test_a_mistyped_address_costs_nobody_a_place() -> None:
    for _ in range(3):
        visitor().post(SIGN_IN, {"login": "no address"})
    fill()


def test_a_queue_that_is_too_long_says_so() -> None:
    fill()
    form = {"login": "second@example.org", "wait": "1"}
    answers = [visitor().post(SIGN_IN, form) for _ in range(31)]
    assert "Your turn comes in 1800 seconds." in text_of(answers[29])
    assert "Too many wait for a turn already." in text_of(answers[30])


def test_a_passkey_needs_no_room() -> None:
    fill()
    answers = [visitor().get("/account/sign-in/passkey/", headers={"accept": "application/json"})]
    answers += [
        visitor().post("/account/sign-in/passkey/", {"credential": "{}"}) for _ in range(99)
    ]
    assert {answer.status_code for answer in answers} == {200, 302}


def test_the_page_asks_the_database_once_about_the_network(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        client.get(SIGN_IN)


def test_what_is_asked_of_people_is_published(settings: Settings) -> None:
    page = text_of(visitor().get("/how-we-count/"))
    assert '<h2 id="limits">How often is too often</h2>' in page
    assert "1 people a minute sign in from it as usual." in page
    assert f"at most {settings.STIMME.causes_per_day} causes in 24 hours" in page
    assert (
        "5 codes to sign in, then one every 6 minutes; from all networks together 20, then one"
        " every 3" in page
    )
    assert "more than 20 new accounts, and with more than 5 times the middle value (median)" in page
