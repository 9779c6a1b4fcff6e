"""What an attacker tries at the door. Each test fails where its defence is taken away."""

import base64
import json
import socket
import time
from itertools import product

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.test import Client
from pytest_django import Settings

from stimme.apps.accounts.models import User
from stimme.apps.ballot.errors import PaperRefused
from stimme.apps.ballot.services import cast_vote, issue_paper
from stimme.apps.causes.models import Cause
from tests.house import version_of
from tests.sign_in import CODE, SIGN_IN, WRONG_CODE, ask_for_code, code_from_mail, sign_in

pytestmark = pytest.mark.django_db
PASSKEY_SIGN_IN = "/account/sign-in/passkey/"
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "///evil.example",
    "javascript:alert(1)",
    "http://localhost/",
    "http://127.0.0.1:1/",
    "\thttps://evil.example",
]


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def answers_to(email: str) -> list[tuple[int, str, bytes, str, int]]:
    """What a stranger sees who tries an address, from asking to giving up."""
    client = Client(headers={"accept-language": "en"})
    seen = []
    for path, data in [
        (SIGN_IN, {"login": email}),
        (CODE, {"code": WRONG_CODE}),
        (CODE, {"action": "resend"}),
        (CODE, {"code": WRONG_CODE}),
    ]:
        sent = len(mail.outbox)
        answer = client.post(path, data)
        text = answer.content.replace(email.encode(), b"ADDRESS")
        text = b"\n".join(line for line in text.splitlines() if b"csrfmiddleware" not in line)
        location = answer.headers.get("Location", "")
        subject = str(mail.outbox[-1].subject)
        seen.append((answer.status_code, location, text, subject, len(mail.outbox) - sent))
    return seen


def test_nobody_learns_whether_an_address_has_an_account(alice: User) -> None:
    assert answers_to(alice.email) == answers_to("nobody@example.org")


def test_the_mail_does_not_say_it_either(client: Client, alice: User) -> None:
    texts = []
    for email in [alice.email, "nobody@example.org"]:
        code = ask_for_code(client, email)
        texts.append(str(mail.outbox[-1].body).replace(code, "CODE"))
        client.logout()
    assert texts[0] == texts[1]


def test_asking_makes_no_account(client: Client) -> None:
    ask_for_code(client, "nobody@example.org")
    client.post(CODE, {"code": WRONG_CODE})
    assert User.objects.count() == 0


def test_the_session_that_was_there_before_is_worth_nothing_after(
    client: Client, charlie: User
) -> None:
    """Session fixation: a cookie that an attacker planted must not become a signed-in one."""
    code = ask_for_code(client, charlie.email)
    planted = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post(CODE, {"code": code})
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != planted
    attacker = Client()
    attacker.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert attacker.get("/account/").status_code == 302


def test_a_paper_from_before_signing_in_again_is_refused(
    client: Client, cause: Cause, charlie: User
) -> None:
    sign_in(client, charlie.email)
    old = client.cookies[settings.SESSION_COOKIE_NAME].value
    paper = issue_paper(user=charlie, session=old, cid=version_of(cause).cid)
    client.post("/account/sign-out/")
    sign_in(client, charlie.email)
    new = client.cookies[settings.SESSION_COOKIE_NAME].value
    with pytest.raises(PaperRefused):
        cast_vote(paper=paper, session=new, choice="for")


@pytest.mark.parametrize("url", ELSEWHERE)
def test_signing_in_leads_nowhere_else(client: Client, charlie: User, url: str) -> None:
    answer = client.post(SIGN_IN, {"login": charlie.email, "next": url})
    assert answer["Location"] == CODE
    answer = client.post(f"{CODE}?next={url}", {"code": code_from_mail(), "next": url})
    assert answer["Location"] == "/"


@pytest.mark.parametrize("url", ELSEWHERE)
def test_signing_out_leads_nowhere_else(client: Client, charlie: User, url: str) -> None:
    client.force_login(charlie)
    assert client.post("/account/sign-out/", {"next": url})["Location"] == "/"


def test_a_code_can_be_guessed_five_times_and_no_more(client: Client, charlie: User) -> None:
    code = ask_for_code(client, charlie.email)
    statuses = [client.post(CODE, {"code": WRONG_CODE}).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 302]
    client.post(CODE, {"code": code})
    assert "_auth_user_id" not in client.session


def test_codes_for_one_address_are_rationed(charlie: User) -> None:
    """Each from a browser of its own, as an attacker would."""
    answers = [Client().post(SIGN_IN, {"login": charlie.email}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [200]
    assert len(mail.outbox) == 5


def test_an_attacker_who_asks_for_codes_does_not_keep_the_owner_out(charlie: User) -> None:
    for _ in range(9):
        Client().post(SIGN_IN, {"login": charlie.email})
    sign_in(Client(REMOTE_ADDR="192.0.2.7"), charlie.email)


def test_an_attacker_with_many_networks_does_not_fill_a_mailbox(charlie: User) -> None:
    for number in range(30):
        Client(REMOTE_ADDR=f"192.0.2.{number}").post(SIGN_IN, {"login": charlie.email})
    assert len(mail.outbox) == 20


def test_codes_sent_anew_are_of_the_same_ration(charlie: User) -> None:
    for _ in range(4):
        client = Client(headers={"accept-language": "en"})
        ask_for_code(client, charlie.email)
    for _ in range(2):
        answer = client.post(CODE, {"action": "resend"}, follow=True)
    assert len(mail.outbox) == 5
    assert "That was too fast." in answer.content.decode()


def test_labels_do_not_fill_a_mailbox() -> None:
    for number in range(9):
        Client().post(SIGN_IN, {"login": f"alice+{number}@gmail.com"})
    assert len(mail.outbox) == 5


def test_an_account_does_not_send_codes_all_over_the_world(client: Client, charlie: User) -> None:
    sign_in(client, charlie.email)
    for number in range(9):
        address = f"stranger{number}@example.org"
        client.post("/account/address/", {"email": address, "action_add": "1"})
    assert [message.to for message in mail.outbox[1:]] == [
        [f"stranger{number}@example.org"] for number in range(5)
    ]


def test_a_mailbox_is_not_filled_by_accounts_that_want_to_move_there() -> None:
    for person in range(5):
        client = Client()
        sign_in(client, f"person{person}@example.org")
        for number in range(9):
            address = f"stranger+{number}@gmail.com"
            client.post("/account/address/", {"email": address, "action_add": "1"})
    sent = [message.to[0] for message in mail.outbox if "stranger" in message.to[0]]
    assert len(sent) == 20


@pytest.mark.parametrize("action", ["action_send", "action_remove", "action_primary"])
def test_an_address_can_be_changed_and_nothing_else(
    client: Client, charlie: User, action: str
) -> None:
    sign_in(client, charlie.email)
    client.post("/account/address/", {"email": charlie.email, action: "1"})
    assert len(mail.outbox) == 1
    assert EmailAddress.objects.get().email == charlie.email


@pytest.mark.parametrize("key", ['"aaaaaaaaaaaaaaaa\\000"', '"\\000"', "\u00e9" * 32, "a'--" * 8])
def test_a_session_that_cannot_be_is_none(cause: Cause, key: str) -> None:
    """Quoted, a cookie can hold what PostgreSQL refuses to look for."""
    headers = {"cookie": f"{settings.SESSION_COOKIE_NAME}={key}"}
    assert Client().get("/", headers=headers).status_code == 200
    assert Client().get("/votes/", headers=headers).status_code == 302
    assert (
        Client().post("/ballot", {"paper": "x", "choice": "for"}, headers=headers).status_code
        == 403
    )


def test_an_old_code_does_not_open_another_account(
    client: Client, charlie: User, alice: User
) -> None:
    code = ask_for_code(client, charlie.email)
    client.post("/account/sign-out/", {"next": SIGN_IN})
    ask_for_code(client, alice.email)
    client.post(CODE, {"code": code})
    assert "_auth_user_id" not in client.session


def test_a_session_left_open_cannot_be_made_fresh(client: Client, charlie: User) -> None:
    client.force_login(charlie)
    session = client.session
    record = {"method": "code", "at": time.time()}
    session["account_authentication_methods"] = [record]
    session["account_authentication_methods_user"] = "0"
    session.save()
    assert client.get("/account/leave/").status_code == 302


def forged(user: User) -> list[str]:
    """Answers that no authenticator gave, in JSON."""
    handle = base64.urlsafe_b64encode(str(user.pk).encode()).decode().rstrip("=")
    response = {
        "clientDataJSON": "eyJ0eXBlIjoieCIsImNoYWxsZW5nZSI6IiIsIm9yaWdpbiI6IngifQ",
        "attestationObject": "oA",
        "authenticatorData": "A" * 60,
        "signature": "AAAA",
        "userHandle": handle,
    }
    whole = {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": response}
    shapes: list[object] = [None, [], {}, "x", 1, {"response": None}, {"response": []}, whole]
    nested = "gYGB" * 10_000  # CBOR: a list that holds a list that holds a list …
    broken = ["\u00e9", "AAAA", "e30", nested, 1, None, []]
    for name, value in product(response, broken):
        shapes.append({**whole, "response": {**response, name: value}})
    for name, value in product(["id", "rawId", "type"], broken):
        shapes.append({**whole, name: value})
    return [*map(json.dumps, shapes), "[" * 50_000, "{", "\x00"]


def begin(client: Client) -> None:
    answer = client.get(PASSKEY_SIGN_IN, headers={"accept": "application/json"})
    assert answer.json()["request_options"]["publicKey"]["userVerification"] == "required"


def test_a_forged_passkey_opens_nothing(client: Client, charlie: User) -> None:
    Authenticator.objects.create(user=charlie, type="webauthn", data={"name": "Phone"})
    for credential in forged(charlie):
        begin(client)
        answer = client.post(PASSKEY_SIGN_IN, {"credential": credential})
        assert (answer.status_code, answer["Location"]) == (302, SIGN_IN), credential
        assert "_auth_user_id" not in client.session


def test_a_forged_passkey_is_not_added(client: Client, charlie: User) -> None:
    sign_in(client, charlie.email)
    for credential in forged(charlie):
        assert client.get("/account/passkeys/add/").status_code == 200
        data = {"name": "Phone", "credential": credential}
        assert client.post("/account/passkeys/add/", data).status_code == 200, credential
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize(
    "path",
    [
        SIGN_IN,
        PASSKEY_SIGN_IN,
        "/account/sign-out/",
        "/account/address/",
        "/account/passkeys/add/",
        "/account/passkeys/1/rename/",
        "/account/passkeys/1/remove/",
        "/account/leave/",
        "/moderation/hide/cause/1/",
        "/organisations/causes/x/respond/",
        "/organisations/causes/x/decide/",
        "/staff/accounts/user/1/change/",
    ],
)
def test_forms_of_other_sites_are_refused(bob: User, path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    assert client.post(path, {"login": "x@example.org"}).status_code == 403


def test_the_code_page_refuses_forms_of_other_sites(charlie: User) -> None:
    client = Client()
    code = ask_for_code(client, charlie.email)
    client.handler.enforce_csrf_checks = True
    assert client.post(CODE, {"code": code}).status_code == 403


def test_charlie_is_refused_at_every_page_of_the_staff(
    client: Client, charlie: User, cause: Cause
) -> None:
    client.force_login(charlie)
    for path in staff_paths(cause):
        for answer in [client.get(path), client.post(path, {"reason": "Because"})]:
            assert answer.status_code == 403, path
    cause.refresh_from_db()
    assert (cause.hidden, cause.responses.count(), cause.decisions.count()) == (False, 0, 0)


def test_strangers_are_asked_to_sign_in_at_every_page_of_the_staff(
    client: Client, cause: Cause
) -> None:
    for path in staff_paths(cause):
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer["Location"].startswith(SIGN_IN), path


def staff_paths(cause: Cause) -> list[str]:
    return [
        f"/moderation/causes/{cause.slug}/",
        f"/moderation/hide/cause/{cause.pk}/",
        f"/moderation/restore/party/{cause.parties.all()[0].pk}/",
        f"/organisations/causes/{cause.slug}/respond/",
        f"/organisations/causes/{cause.slug}/decide/",
        "/staff/",
        "/staff/login/",
        "/staff/accounts/user/",
        "/staff/causes/cause/",
    ]


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:8000"])
def test_a_foreign_host_name_is_refused(client: Client, host: str) -> None:
    answer = client.post(SIGN_IN, {"login": "x@example.org"}, headers={"host": host})
    assert answer.status_code == 400
    assert mail.outbox == []


def test_mail_names_the_instance_and_not_the_host_of_the_request(
    client: Client, charlie: User
) -> None:
    client.post(SIGN_IN, {"login": charlie.email}, headers={"host": "localhost:9"})
    assert "localhost:9" not in mail.outbox[-1].message().as_string()
    assert settings.STIMME.url in str(mail.outbox[-1].body)


@pytest.mark.parametrize("email", ["a@example.org\nBcc: b@example.org", "a@b", "x" * 300, "@"])
def test_an_address_that_is_none_gets_no_mail(client: Client, email: str) -> None:
    assert client.post(SIGN_IN, {"login": email}).status_code == 200
    assert mail.outbox == []


def test_a_mail_server_that_fails_puts_no_address_into_the_log(
    client: Client,
    charlie: User,
    settings: Settings,
    free_port: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port
    answer = client.post(SIGN_IN, {"login": charlie.email}, headers={"accept-language": "fr"})
    assert answer.status_code == 503
    assert '<html lang="fr">' in answer.content.decode()
    assert "a message could not be sent: ConnectionRefusedError" in caplog.text
    assert charlie.email not in caplog.text
