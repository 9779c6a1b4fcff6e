"""Signing in as people do: an address, the code from the mail, the code on the page."""

import re

from django.core import mail
from django.test import Client

SIGN_IN = "/account/sign-in/"
CODE = "/account/sign-in/code/"
WRONG_CODE = "0000-0000"


def code_from_mail() -> str:
    found = re.search(r"^\d{4}-\d{4}$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found[0]


def ask_for_code(client: Client, email: str) -> str:
    response = client.post(SIGN_IN, {"login": email})
    assert (response.status_code, response["Location"]) == (302, CODE)
    return code_from_mail()


def sign_in(client: Client, email: str) -> None:
    code = ask_for_code(client, email)
    response = client.post(CODE, {"code": code})
    assert (response.status_code, response["Location"]) == (302, "/")
