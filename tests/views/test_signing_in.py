import time
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from stimme.apps.accounts.models import User
from tests.sign_in import CODE, SIGN_IN, WRONG_CODE, ask_for_code, code_from_mail, sign_in

pytestmark = pytest.mark.django_db
PAGES = {
    "account_login": "account/sign-in/",
    "account_signup": "account/sign-in/",
    "account_request_login_code": "account/sign-in/",
    "account_confirm_login_code": "account/sign-in/code/",
    "account_reauthenticate": "account/sign-in/again/",
    "account_logout": "account/sign-out/",
    "account_inactive": "account/inactive/",
    "account_email": "account/address/",
    "account_email_verification_sent": "account/address/code/",
    "mfa_login_webauthn": "account/sign-in/passkey/",
    "mfa_index": "account/passkeys/",
    "mfa_list_webauthn": "account/passkeys/",
    "mfa_add_webauthn": "account/passkeys/add/",
    "mfa_edit_webauthn": "account/passkeys/<int:pk>/rename/",
    "mfa_remove_webauthn": "account/passkeys/<int:pk>/remove/",
    "account": "account/",
    "voting_key": "account/voting-key/",
    "leave": "account/leave/",
}


def signed_in_as(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found |= routes(pattern.url_patterns, path)
        else:
            found[pattern.name or ""] = path
    return found


def test_these_are_all_pages_of_accounts() -> None:
    every = routes(get_resolver().url_patterns)
    assert {name: path for name, path in every.items() if path.startswith("account/")} == PAGES


@pytest.mark.parametrize("path", ["login/", "signup/", "password/reset/", "password/set/", "2fa/"])
def test_pages_for_passwords_do_not_exist(client: Client, path: str) -> None:
    assert client.get(f"/account/{path}").status_code == 404


def test_a_new_address_has_an_account_once_its_code_is_entered(client: Client) -> None:
    code = ask_for_code(client, "New@Example.org")
    assert not User.objects.exists()
    response = client.post(CODE, {"code": code})
    assert (response.status_code, response["Location"]) == (302, "/")
    user = User.objects.get()
    assert (user.email, user.has_usable_password()) == ("new@example.org", False)
    assert signed_in_as(client) == str(user.pk)
    address = EmailAddress.objects.get()
    assert (address.email, address.verified, address.primary) == (user.email, True, True)


def test_a_known_address_gets_its_account_back(client: Client, charlie: User) -> None:
    sign_in(client, charlie.email)
    assert signed_in_as(client) == str(charlie.pk)
    assert User.objects.count() == 1


def test_signing_in_leads_back_to_where_one_came_from(client: Client, charlie: User) -> None:
    answer = client.post(SIGN_IN, {"login": charlie.email, "next": "/how-we-count/"})
    assert answer["Location"] == f"{CODE}?next=%2Fhow-we-count%2F"
    page = client.get(answer["Location"])
    assert 'name="next" value="/how-we-count/"' in page.content.decode()
    answer = client.post(CODE, {"code": code_from_mail(), "next": "/how-we-count/"})
    assert answer["Location"] == "/how-we-count/"


def test_the_code_may_be_typed_with_or_without_its_dash(client: Client, charlie: User) -> None:
    code = ask_for_code(client, charlie.email)
    client.post(CODE, {"code": f" {code.replace('-', ' ')} "})
    assert signed_in_as(client) == str(charlie.pk)


def test_a_wrong_code_says_so_and_can_be_corrected(client: Client, charlie: User) -> None:
    code = ask_for_code(client, charlie.email)
    page = client.post(CODE, {"code": WRONG_CODE}, headers={"accept-language": "en"})
    assert "This is not the code we sent." in page.content.decode()
    client.post(CODE, {"code": code})
    assert signed_in_as(client) == str(charlie.pk)


def test_a_code_runs_out(client: Client, charlie: User, monkeypatch: pytest.MonkeyPatch) -> None:
    code = ask_for_code(client, charlie.email)
    later = time.time() + timedelta(minutes=16).total_seconds()
    monkeypatch.setattr("time.time", lambda: later)
    answer = client.post(CODE, {"code": code}, headers={"accept-language": "en"})
    assert (answer.status_code, answer["Location"]) == (302, SIGN_IN)
    assert signed_in_as(client) is None
    page = client.get(SIGN_IN, headers={"accept-language": "en"}).content.decode()
    assert "That code has run out. Ask for a new one." in page


def test_a_new_code_replaces_the_old_one_and_there_are_two_of_them(
    client: Client, charlie: User
) -> None:
    first = ask_for_code(client, charlie.email)
    for _ in range(3):
        client.post(CODE, {"action": "resend"})
    assert len(mail.outbox) == 3
    newest = code_from_mail()
    client.post(CODE, {"code": first})
    assert signed_in_as(client) is None
    client.post(CODE, {"code": newest})
    assert signed_in_as(client) == str(charlie.pk)


def test_another_address_can_be_used_instead(client: Client) -> None:
    ask_for_code(client, "mistyped@example.org")
    assert client.get(SIGN_IN)["Location"] == CODE
    answer = client.post("/account/sign-out/", {"next": SIGN_IN})
    assert answer["Location"] == SIGN_IN
    assert client.get(SIGN_IN).status_code == 200


def test_an_account_that_is_switched_off_is_told_so(client: Client, charlie: User) -> None:
    User.objects.filter(pk=charlie.pk).update(is_active=False)
    code = ask_for_code(client, charlie.email)
    answer = client.post(CODE, {"code": code})
    assert (answer.status_code, answer["Location"]) == (302, "/account/inactive/")
    assert client.get("/account/inactive/").status_code == 200
    assert signed_in_as(client) is None


def test_mail_is_text_and_html_in_the_language_of_the_page(client: Client) -> None:
    client.post(SIGN_IN, {"login": "new@example.org"}, headers={"accept-language": "en"})
    message = mail.outbox[0]
    assert isinstance(message, EmailMultiAlternatives)
    [(html, kind)] = message.alternatives
    assert (message.subject, message.to, kind) == (
        "Your code for Stimme",
        ["new@example.org"],
        "text/html",
    )
    assert code_from_mail() in str(html)
    assert '<html lang="en">' in str(html)


def test_signing_out_asks_first_and_then_ends_the_session(client: Client, charlie: User) -> None:
    client.force_login(charlie)
    assert client.get("/account/sign-out/").status_code == 200
    assert signed_in_as(client) == str(charlie.pk)
    client.post("/account/sign-out/")
    assert signed_in_as(client) is None
