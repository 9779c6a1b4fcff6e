"""Somebody who wants many accounts. Each test fails where its defence is taken away."""

import json
import re

import pytest
from altcha import Challenge, Payload, solve_challenge
from django.core import mail
from django.test import Client
from pytest_django import Settings

from stimme.apps.accounts import proof_of_work
from stimme.apps.accounts.models import Bucket, Growth, User
from tests.sign_in import CODE, SIGN_IN, ask_for_code, code_from_mail, sign_in
from tests.visitors import Answer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _three_a_minute(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STIMME = settings.STIMME.model_copy(update={"sign_ins_per_minute": 3})
    monkeypatch.setattr(proof_of_work, "ROUNDS", 10)


def ask(number: int, address: str = "192.0.2.7", **more: str) -> Answer:
    client = Client(headers={"accept-language": "en"}, REMOTE_ADDR=address)
    return client.post(SIGN_IN, {"login": f"robot{number}@example.org", **more})


def solved(answer: Answer) -> str:
    asked = Challenge.from_dict(json.loads(answer.context["form"].challenge))
    solution = solve_challenge(asked)
    assert solution
    return Payload(asked, solution).to_base64()


def signed_up(email: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    sign_in(client, email)
    return client


def test_beyond_the_free_number_no_mail_is_sent_without_work() -> None:
    answers = [ask(number) for number in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 3 + [200] * 3
    assert len(mail.outbox) == 3


def test_one_work_pays_for_one_mail() -> None:
    answers = [ask(number) for number in range(4)]
    work = solved(answers[-1])
    assert ask(4, work=work).status_code == 302
    assert ask(5, work=work).status_code == 200
    assert len(mail.outbox) == 4


def test_a_router_is_one_network_whichever_of_its_addresses_is_used() -> None:
    answers = [ask(number, f"2001:db8:1:2::{number + 1}") for number in range(4)]
    assert [answer.status_code for answer in answers] == [302] * 3 + [200]


def test_a_header_that_nobody_trusts_is_no_other_network() -> None:
    for number in range(4):
        client = Client(headers={"x-forwarded-for": f"198.51.100.{number}"})
        answer = client.post(SIGN_IN, {"login": f"robot{number}@example.org"})
    assert answer.status_code == 200


def test_behind_a_trusted_proxy_only_its_own_word_counts(settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(4):
        client = Client(headers={"x-forwarded-for": f"198.51.100.{number}, 192.0.2.7"})
        answer = client.post(SIGN_IN, {"login": f"robot{number}@example.org"})
    assert answer.status_code == 200


def test_a_turn_cannot_be_taken_early() -> None:
    for number in range(3):
        ask(number)
    told = ask(3, wait="1")
    ticket = re.findall(r'name="ticket" value="([^"]+)"', told.content.decode())[0]
    assert ask(4, ticket=ticket).status_code == 200
    assert len(mail.outbox) == 3


def test_labels_and_dots_make_no_second_account() -> None:
    accounts = {
        signed_up(email).session["_auth_user_id"]
        for email in ["alice@gmail.com", "a.lice+2@gmail.com", "alice+3@googlemail.com"]
    }
    assert len(accounts) == User.objects.count() == 1


def test_nobody_gets_the_account_of_somebody_with_a_similar_address() -> None:
    signed_up("alice@example.org")
    signed_up("alice+evil@example.org")
    assert User.objects.count() == 2


def test_a_label_says_no_more_about_who_has_an_account_than_an_address() -> None:
    signed_up("alice@gmail.com")
    texts = []
    for email in ["alice+x@gmail.com", "nobody@gmail.com"]:
        client = Client(headers={"accept-language": "en"})
        code = ask_for_code(client, email)
        page = client.get(CODE).content.decode().replace(email, "ADDRESS")
        mailed = str(mail.outbox[-1].body).replace(code, "CODE")
        texts.append((re.sub(r'"csrfmiddlewaretoken" value="\w+"', "", page), mailed))
    assert texts[0] == texts[1]


def test_throwaway_addresses_make_no_account() -> None:
    client = Client(headers={"accept-language": "en"})
    code = ask_for_code(client, "robot@mailinator.com")
    page = client.post(CODE, {"code": code}, follow=True)
    assert "This is a throwaway address" in page.content.decode()
    assert page.redirect_chain == [(SIGN_IN, 302)]
    assert not User.objects.exists()
    assert "_auth_user_id" not in client.session


def test_until_the_code_comes_back_nobody_learns_whether_a_throwaway_address_has_an_account() -> (
    None
):
    User.objects.create_user("old@mailinator.com")
    answers = [ask_for_code(Client(), email) for email in ["old@mailinator.com", "new@yopmail.com"]]
    assert len(answers) == 2


@pytest.mark.parametrize("email", ["new@mailinator.com", "bob+2@gmail.com"])
def test_an_account_does_not_move_away_to_make_room_for_another(email: str) -> None:
    """To a throwaway address, or into the mailbox of an account that there is."""
    User.objects.create_user("bob@gmail.com")
    client = signed_up("alice@gmail.com")
    sent = len(mail.outbox)
    client.post("/account/address/", {"email": email, "action_add": "1"})
    if len(mail.outbox) > sent:
        client.post("/account/address/code/", {"code": code_from_mail()})
    assert User.objects.filter(email="alice@gmail.com").exists()


def test_an_account_that_moves_takes_its_mailbox_with_it() -> None:
    client = signed_up("alice@example.org")
    client.post("/account/address/", {"email": "a.b@gmail.com", "action_add": "1"})
    client.post("/account/address/code/", {"code": code_from_mail()})
    moved = User.objects.get()
    assert (moved.email, moved.canonical_email) == ("a.b@gmail.com", "ab@gmail.com")
    assert signed_up("ab+x@gmail.com").session["_auth_user_id"] == str(moved.pk)


def test_the_staff_sees_a_flood_and_the_database_no_address(settings: Settings) -> None:
    settings.STIMME = settings.STIMME.model_copy(update={"sign_ins_per_minute": 100})
    for number in range(21):
        signed_up(f"robot{number}@flood.example")
    seen = Growth.objects.filter(usual__isnull=False).values_list("kind", "name")
    assert ("domain", "flood.example") in seen
    stored = [*Growth.objects.values_list("name", flat=True), *Bucket.objects.values_list("key")]
    assert "127.0.0" not in str(stored)
    assert "robot" not in str(stored)
