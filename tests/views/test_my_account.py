import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.test import Client

from stimme.apps.accounts.models import User
from tests.sign_in import code_from_mail, sign_in

ADDRESS = "/account/address/"
ADDRESS_CODE = "/account/address/code/"
AGAIN = "/account/sign-in/again/"
ENGLISH = {"accept-language": "en"}


def passkey_of(user: User, name: str = "Phone") -> Authenticator:
    data = {"name": name, "credential": {}}
    return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)


def forget_when_signed_in(client: Client) -> None:
    """Make the session as old as one that was left open for an hour."""
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] = time.time() - 3600
    session.save()


def test_the_account_page_says_what_is_known(client: Client, charlie: User) -> None:
    client.force_login(charlie)
    text = client.get("/account/", headers=ENGLISH).content.decode()
    assert charlie.email in text
    assert "0, e-mail address." in text
    assert "You have none." in text


def test_a_passkey_raises_the_level_and_is_listed(client: Client, charlie: User) -> None:
    passkey_of(charlie, "Old phone")
    client.force_login(charlie)
    text = client.get("/account/", headers=ENGLISH).content.decode()
    assert "1, passkey." in text
    assert "Old phone" in text
    charlie.refresh_from_db()
    assert charlie.level_reached == 1


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "address/", "leave/", "passkeys/", "passkeys/add/"])
def test_strangers_are_asked_to_sign_in(client: Client, path: str) -> None:
    answer = client.get(f"/account/{path}")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/sign-in/?next=/account/")


@pytest.mark.parametrize("path", ["address/", "leave/", "passkeys/add/", "passkeys/1/remove/"])
def test_what_outlives_the_session_needs_a_recent_sign_in(
    client: Client, charlie: User, path: str
) -> None:
    sign_in(client, charlie.email)
    forget_when_signed_in(client)
    for answer in [client.get(f"/account/{path}"), client.post(f"/account/{path}")]:
        assert answer.status_code == 302
        assert answer["Location"].startswith(f"{AGAIN}?next=%2Faccount%2F")
    page = client.get(answer["Location"])
    assert page.status_code == 200


def test_the_address_changes_once_its_code_is_entered(client: Client, charlie: User) -> None:
    sign_in(client, charlie.email)
    answer = client.post(ADDRESS, {"email": "new@example.org", "action_add": "1"})
    assert answer["Location"] == ADDRESS_CODE
    assert mail.outbox[-1].to == ["new@example.org"]
    code = code_from_mail()
    assert client.get(ADDRESS_CODE).status_code == 200
    charlie.refresh_from_db()
    assert charlie.email == "charlie@example.org"
    client.post(ADDRESS_CODE, {"code": code})
    charlie.refresh_from_db()
    assert charlie.email == "new@example.org"
    addresses = EmailAddress.objects.values_list("email", "verified", "primary")
    assert list(addresses) == [("new@example.org", True, True)]
    assert mail.outbox[-1].to == ["charlie@example.org"]


def test_the_address_of_somebody_else_cannot_be_taken(
    client: Client, charlie: User, alice: User
) -> None:
    """Nor does the page tell whose it is: the owner of the address alone reads the code."""
    sign_in(client, charlie.email)
    answer = client.post(ADDRESS, {"email": alice.email, "action_add": "1"})
    assert answer["Location"] == ADDRESS_CODE
    client.post(ADDRESS_CODE, {"code": code_from_mail()})
    charlie.refresh_from_db()
    assert charlie.email == "charlie@example.org"


def test_a_passkey_is_renamed_and_removed(client: Client, charlie: User) -> None:
    passkey = passkey_of(charlie)
    sign_in(client, charlie.email)
    assert client.get(f"/account/passkeys/{passkey.pk}/rename/").status_code == 200
    client.post(f"/account/passkeys/{passkey.pk}/rename/", {"name": "Laptop"})
    passkey.refresh_from_db()
    assert str(passkey) == "Laptop"
    assert client.get(f"/account/passkeys/{passkey.pk}/remove/").status_code == 200
    client.post(f"/account/passkeys/{passkey.pk}/remove/")
    assert not Authenticator.objects.exists()
    assert mail.outbox[-1].to == [charlie.email]


@pytest.mark.parametrize("action", ["rename", "remove"])
def test_nobody_reaches_the_passkeys_of_others(
    client: Client, charlie: User, alice: User, action: str
) -> None:
    passkey = passkey_of(alice)
    sign_in(client, charlie.email)
    answer = client.post(f"/account/passkeys/{passkey.pk}/{action}/", {"name": "Mine"})
    assert answer.status_code == 404
    passkey.refresh_from_db()
    assert str(passkey) == "Phone"


def test_losing_the_passkey_does_not_lose_the_account(client: Client, charlie: User) -> None:
    passkey_of(charlie)
    sign_in(client, charlie.email)
    assert client.session["_auth_user_id"] == str(charlie.pk)


def test_the_language_is_remembered_in_a_cookie(client: Client, charlie: User) -> None:
    client.force_login(charlie)
    client.post("/language/", {"language": "fr", "next": "/account/"})
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "fr"
    assert '<html lang="fr"' in client.get("/account/").content.decode()
