"""People in front of pages: a browser without JavaScript, reading English."""

import re
from typing import TYPE_CHECKING

from django.test import Client

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer
else:
    from django.http import HttpResponse as Answer  # what the test client answers with


def visitor(user: User | None = None, *, language: str = "en", csrf: bool = False) -> Client:
    """A browser, signed in as `user` if given; with `csrf` it is held to Django's tokens."""
    client = Client(enforce_csrf_checks=csrf, headers={"Accept-Language": language})
    if user:
        client.force_login(user)
    return client


def paper_in(client: Client, cause: Cause) -> str:
    """The ballot paper that the page of the cause hands to this browser."""
    return paper_on(client, cause, "")


def paper_on(client: Client, cause: Cause, part: str) -> str:
    """The ballot paper of a page whose address is that of the cause and `part`."""
    html = text_of(client.get(cause.get_absolute_url() + part))
    found = re.search(r'name="paper" value="([^"]+)"', html)
    assert found, "no ballot paper in the page"
    return found[1]


def click(client: Client, cause: Cause, choice: str) -> Answer:
    """Open the page of the cause and press a button of it."""
    return client.post("/ballot", {"paper": paper_in(client, cause), "choice": choice})


def text_of(response: Answer) -> str:
    """The source of the page with single white space, and none before the end of a tag."""
    return " ".join(response.content.decode().split()).replace(" >", ">")
