"""Somebody who wants two votes of one mailbox. Each test fails where its defence is taken away."""

import re

import pytest
from django.core import mail
from django.test import Client

from stimme.apps.accounts.models import User
from stimme.apps.ballot.selectors import count_of
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, revise_cause
from tests.house import version_of
from tests.sign_in import code_from_mail, sign_in
from tests.visitors import click, paper_in, text_of, visitor

MALLORY = "mallory@gmail.com"
PAPER = re.compile(r'name="paper" value="([^"]+)"')


@pytest.fixture
def mallory(db: None) -> Client:
    return signed_in(MALLORY)


def signed_in(email: str) -> Client:
    client = visitor()
    sign_in(client, email)
    return client


def leave(client: Client, votes: str = "keep") -> None:
    assert client.post("/account/leave/", {"votes": votes, "sure": "on"}).status_code == 302


def move(client: Client, email: str) -> None:
    client.post("/account/address/", {"email": email, "action_add": "1"})
    client.post("/account/address/code/", {"code": code_from_mail()})
    mail.outbox.clear()
    assert User.objects.filter(email=email).exists()


def has_paper(client: Client, cause: Cause) -> bool:
    return bool(PAPER.search(text_of(client.get(cause.get_absolute_url()))))


def votes(cause: Cause) -> int:
    return count_of(version_of(cause).cid).voters


@pytest.mark.parametrize("again", [MALLORY, "mal.lory+2@googlemail.com"])
@pytest.mark.parametrize("choice", ["keep", "withdraw"])
def test_leaving_and_coming_back_gives_no_second_paper(
    cause: Cause, mallory: Client, choice: str, again: str
) -> None:
    click(mallory, cause, "for")
    leave(mallory, choice)
    assert not has_paper(signed_in(again), cause)


def test_a_paper_kept_from_the_account_that_left_is_the_only_one(
    cause: Cause, mallory: Client
) -> None:
    """It works until it expires: as the one vote of the mailbox, not as one more."""
    paper, cookie = paper_in(mallory, cause), mallory.cookies["stimme_session"].value
    leave(mallory)
    old = visitor()
    old.cookies["stimme_session"] = cookie
    assert old.post("/ballot", {"paper": paper, "choice": "for"}).status_code == 302
    assert not has_paper(signed_in(MALLORY), cause)
    assert votes(cause) == 1


def test_nor_does_leaving_again_and_again(cause: Cause, mallory: Client) -> None:
    click(mallory, cause, "for")
    for _ in range(3):
        leave(mallory)
        mallory = signed_in(MALLORY)
        assert not has_paper(mallory, cause)


def test_an_earlier_version_gives_none_either(cause: Cause, alice: User, mallory: Client) -> None:
    click(mallory, cause, "for")
    leave(mallory)
    back = signed_in(MALLORY)
    revise_cause(by=alice, cause=cause, demand=Demand("Bring back Product Y", "en", ""))
    page = text_of(back.get(f"{cause.get_absolute_url()}versions/1/"))
    assert not PAPER.search(page)
    assert has_paper(back, cause)


def test_a_mailbox_that_an_account_moved_out_of_gives_none(cause: Cause, mallory: Client) -> None:
    """Else two mailboxes would give any number: vote, move to the other, leave, begin again."""
    click(mallory, cause, "for")
    move(mallory, "second@example.org")
    assert not has_paper(signed_in(MALLORY), cause)


def test_a_fresh_account_gets_none_by_moving_into_a_mailbox_that_voted(
    cause: Cause, mallory: Client
) -> None:
    click(mallory, cause, "for")
    leave(mallory)
    fresh = signed_in("second@example.org")
    move(fresh, MALLORY)
    assert not has_paper(fresh, cause)


def test_a_page_shared_by_newcomers_has_none_for_them(
    cause: Cause, mallory: Client, charlie: User
) -> None:
    """The form letter is in memory when they ask."""
    click(mallory, cause, "for")
    leave(mallory)
    back = signed_in(MALLORY)
    back.get("/")  # what the site tells once after signing in is told
    assert has_paper(visitor(charlie), cause)
    assert not has_paper(back, cause)
