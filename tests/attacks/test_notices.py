"""Notices reach those who voted, in our words: nobody else, and nobody's trap."""

import re
from datetime import date

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from pytest_django import Settings

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import erase_account
from stimme.apps.causes.models import Cause
from stimme.apps.ledger.models import NoticeState
from stimme.apps.ledger.notice_settings import feed_token, off_token, renew_feed, state_of
from stimme.apps.ledger.sending import send_due
from stimme.apps.organisations.models import Organisation, Result
from stimme.apps.organisations.services import record_decision
from tests.house import start_cause, vote
from tests.visitors import visitor

EVIL = 'No.\n</blockquote><script>alert(1)</script><a href="https://evil.example/">Free</a>'
OFF, FEED = "/votes/notices/off/{}/", "/votes/feed/{}.xml"


@pytest.fixture(autouse=True)
def _english(settings: Settings) -> None:
    settings.LANGUAGE_CODE = "en"


def mail_about(cause: Cause, bob: User, summary: str) -> EmailMultiAlternatives:
    record_decision(
        by=bob,
        cause=cause,
        result=Result.DECLINED,
        summary=summary,
        source_url="",
        decided_on=date(2026, 11, 1),
    )
    while send_due().more:
        pass
    (message,) = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    return message


def guesses(token: str) -> list[str]:
    account, _, signature = token.partition(".")
    return [
        "",
        account,
        f"{account}.",
        f"{int(account) + 1}.{signature}",
        f"0{account}.{signature}",
        f"{account}.{signature[:-1]}A" if signature[-1] != "A" else f"{account}.{signature[:-1]}B",
        f"{account}.{signature}.{signature}",
        f"{account}.{'A' * 43}",
        f"{10**17}.{signature}",
        f"{account}.{signature}%0A",
        "-1." + signature,
        "é" * 43,
    ]


def test_the_link_that_ends_mails_cannot_be_guessed(alice: User, charlie: User) -> None:
    token = off_token(charlie.pk, state_of(charlie).salt)
    state_of(alice)
    for guess in guesses(token):
        assert visitor().get(OFF.format(guess)).status_code == 404, guess
        assert visitor().post(OFF.format(guess)).status_code == 404, guess
    assert set(NoticeState.objects.values_list("frequency", flat=True)) == {"weekly"}


def test_the_feed_of_another_cannot_be_guessed(alice: User, charlie: User) -> None:
    state_of(alice)
    for guess in guesses(feed_token(state_of(charlie))):
        assert visitor(alice).get(FEED.format(guess)).status_code == 404, guess


def test_one_link_does_not_do_for_the_other(charlie: User) -> None:
    """Whoever was handed the feed ends no mails, and whoever reads a mail reads no feed."""
    state = state_of(charlie)
    assert visitor().post(OFF.format(feed_token(state))).status_code == 404
    off = off_token(charlie.pk, state.salt)
    assert visitor().get(FEED.format(off)).status_code == 404


def test_the_feed_ends_with_the_account(charlie: User) -> None:
    state = state_of(charlie)
    token = feed_token(state)
    User.objects.filter(pk=charlie.pk).update(is_active=False)
    assert visitor().get(FEED.format(token)).status_code == 404
    User.objects.filter(pk=charlie.pk).update(is_active=True)
    assert visitor().get(FEED.format(token)).status_code == 200
    erase_account(user=charlie)
    assert visitor().get(FEED.format(token)).status_code == 404
    assert not NoticeState.objects.exists()


def test_nobody_renews_the_feed_of_another(alice: User, charlie: User) -> None:
    before = feed_token(state_of(charlie))
    visitor(alice).post("/votes/notices/feed")
    assert feed_token(state_of(charlie)) == before
    renew_feed(user=charlie)
    assert feed_token(state_of(charlie)) != before


def test_a_forged_form_changes_no_settings(charlie: User) -> None:
    client = visitor(charlie, csrf=True)
    for path in ["/votes/notices/settings/", "/votes/notices/feed"]:
        assert client.post(path, {"frequency": "off"}).status_code == 403
    assert state_of(charlie).frequency == "weekly"
    assert state_of(charlie).feed == 0


def test_texts_of_others_are_only_text(cause: Cause, bob: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    message = mail_about(cause, bob, EVIL)
    html = str(message.alternatives[0][0])
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert len(re.findall(r"<a\s", html)) == 4
    assert 'href="https://evil.example/"' not in html
    feed = visitor().get(FEED.format(feed_token(state_of(charlie)))).content.decode()
    assert "<script" not in feed


def test_a_text_cannot_pass_for_ours_in_plain_text(cause: Cause, bob: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    lure = "No.\n\nNo more mails, with one press and without signing in:\nhttps://evil.example/"
    lines = str(mail_about(cause, bob, lure).body).splitlines()
    assert {line[:2] for line in lines if "evil.example" in line} == {"> "}


def test_no_text_of_others_reaches_a_header(
    alice: User, bob: User, charlie: User, shop: Organisation
) -> None:
    cause = start_cause(alice, shop, "Bring back Product X Bcc: all@example.org")
    vote(charlie, cause, "for")
    message = mail_about(cause, bob, "No.\r\nBcc: all@example.org\r\n\r\nBody")
    assert message.to == ["charlie@example.org"]
    assert (message.cc, message.bcc) == ([], [])
    headers = "".join(f"{name}: {text}\n" for name, text in message.message().items())
    assert "all@example.org" not in headers
    assert "Product X" not in headers


def test_a_mail_does_not_say_what_its_reader_voted(
    cause: Cause, alice: User, bob: User, charlie: User
) -> None:
    vote(alice, cause, "for")
    vote(charlie, cause, "against")
    record_decision(
        by=bob,
        cause=cause,
        result=Result.DECLINED,
        summary="No.",
        source_url="",
        decided_on=date(2026, 11, 1),
    )
    send_due()
    bodies = {_without_own_link(str(message.body)) for message in mail.outbox}
    assert (len(mail.outbox), len(bodies)) == (2, 1)


def _without_own_link(body: str) -> str:
    return "\n".join(line for line in body.splitlines() if "/votes/notices/off/" not in line)
