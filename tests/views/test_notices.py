"""The pages of notices: the list, the settings, the feed, and the link that ends the mails."""

from datetime import date
from xml.etree import ElementTree as ET

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.ballot.services import stand_by
from stimme.apps.causes.corrections import Fault, record_correction
from stimme.apps.causes.models import Cause
from stimme.apps.ledger.models import NoticeState
from stimme.apps.ledger.notice_settings import feed_token, off_token, state_of
from stimme.apps.moderation.services import hide
from stimme.apps.organisations.commitments import (
    ask_about_due,
    record_commitment,
    record_status,
)
from stimme.apps.organisations.models import Keeping, Organisation, Result
from stimme.apps.organisations.services import record_decision, record_response
from tests.house import start_cause, version_of, vote
from tests.sign_in import sign_in
from tests.visitors import text_of, visitor

LIST, SETTINGS = "/votes/notices/", "/votes/notices/settings/"
ATOM = {"atom": "http://www.w3.org/2005/Atom"}


def respond(bob: User, cause: Cause, text: str = "We will think about it.") -> None:
    record_response(by=bob, cause=cause, text=text, source_url="", published_on=date(2026, 11, 1))


def off_link(user: User) -> str:
    return reverse("ledger:notices_off", args=[off_token(user.pk, state_of(user).salt)])


def feed_link(user: User) -> str:
    return reverse("ledger:feed", args=[feed_token(state_of(user))])


def titles(user: User) -> list[str]:
    tree = ET.fromstring(visitor().get(feed_link(user)).content)
    return [one.text or "" for one in tree.findall("atom:entry/atom:title", ATOM)]


def test_nothing_yet_is_explained(charlie: User) -> None:
    assert "Nothing has happened yet" in text_of(visitor(charlie).get(LIST))


def test_the_list_has_what_happened_after_my_vote_the_latest_first(
    cause: Cause, alice: User, bob: User, charlie: User
) -> None:
    respond(bob, cause, "Before you came.")
    vote(charlie, cause, "for")
    respond(bob, cause, "A first word.")
    respond(bob, cause, "A second word.")
    found = visitor(charlie).get(LIST).context["notices"]
    assert [notice.quote for notice in found] == ["A second word.", "A first word."]
    assert visitor(alice).get(LIST).context["notices"] == []


def test_what_is_unanswered_says_so_until_it_is_answered(
    cause: Cause, bob: User, charlie: User
) -> None:
    vote(charlie, cause, "for")
    respond(bob, cause)
    html = text_of(visitor(charlie).get(LIST))
    assert "You have not answered yet" in html
    assert f'href="/votes/{version_of(cause).cid}/reconsider/"' in html
    stand_by(user=charlie, cid=version_of(cause).cid)
    html = text_of(visitor(charlie).get(LIST))
    assert "You have not answered yet" not in html
    assert "The organisation has answered" in html


def test_whoever_withdrew_still_reads_what_came_of_it(
    cause: Cause, bob: User, charlie: User
) -> None:
    vote(charlie, cause, "for")
    respond(bob, cause)
    vote(charlie, cause, "withdrawn")
    assert len(visitor(charlie).get(LIST).context["notices"]) == 1
    assert "You have not answered yet" not in text_of(visitor(charlie).get(LIST))


def test_a_hidden_cause_is_not_repeated(cause: Cause, bob: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    respond(bob, cause)
    hide(by=bob, target=cause, reason="It names a private person.")
    html = text_of(visitor(charlie).get(LIST))
    assert "Hidden by moderation" in html
    assert "Product X" not in html


def test_an_own_correction_of_the_author_is_told_without_its_words(
    cause: Cause, alice: User, charlie: User
) -> None:
    """Nobody of the staff has read them: they stand on the page of the cause alone."""
    vote(charlie, cause, "for")
    fault = Fault("claim_false", "Buy my book.", date(2026, 11, 3), "author")
    record_correction(by=alice, cause=cause, fault=fault)
    (notice,) = visitor(charlie).get(LIST).context["notices"]
    assert notice.headline == "Something said about the cause was corrected"
    assert notice.quote == ""


def test_what_became_of_a_commitment_is_told(cause: Cause, bob: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    decision = record_decision(
        by=bob,
        cause=cause,
        result=Result.GRANTED,
        summary="Yes.",
        source_url="",
        decided_on=date(2026, 10, 1),
    )
    promised = record_commitment(
        by=bob,
        decision=decision,
        what="The product is back in every shop.",
        due_on=date(2026, 11, 1),
        how_seen="It stands on the shelf.",
    )
    ask_about_due(timezone.localdate())
    assert headlines(charlie)[0] == "The organisation’s commitment is overdue"
    record_status(
        by=bob,
        commitment=promised,
        status=Keeping.KEPT,
        note="It is there.",
        evidence_url="https://example.org/shelf",
        since=date(2026, 11, 10),
    )
    assert headlines(charlie)[0] == "The organisation has kept its commitment"


def headlines(user: User) -> list[str]:
    found = visitor(user).get(LIST).context["notices"]
    return [notice.headline for notice in found]


@pytest.mark.parametrize("number", [1, 3])
def test_queries(
    alice: User,
    bob: User,
    charlie: User,
    shop: Organisation,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for n in range(number):
        cause = start_cause(alice, shop, f"Bring back Product {n}")
        vote(charlie, cause, "for")
        respond(bob, cause)
    client = visitor(charlie)
    client.get(LIST)
    with django_assert_num_queries(9):
        client.get(LIST)


def test_how_often_is_chosen_and_remembered(charlie: User) -> None:
    client = visitor(charlie, language="fr")
    answer = client.post(SETTINGS, {"frequency": "off"}, follow=True)
    assert answer.redirect_chain == [(SETTINGS, 302)]
    state = NoticeState.objects.get(user=charlie)
    assert (state.frequency, state.language) == ("off", "fr")
    assert client.post(SETTINGS, {"frequency": "hourly"}).status_code == 422
    assert NoticeState.objects.get(user=charlie).frequency == "off"


@pytest.mark.parametrize("language", ["de", "it"])
def test_mails_speak_the_language_of_the_last_sign_in(charlie: User, language: str) -> None:
    client = visitor(language=language)
    sign_in(client, charlie.email)
    assert len(mail.outbox) == 1
    assert NoticeState.objects.get(user=charlie).language == language


def test_the_account_page_leads_to_the_settings(charlie: User) -> None:
    assert f'href="{SETTINGS}"' in text_of(visitor(charlie).get("/account/"))


def test_opening_the_link_of_a_mail_only_asks(charlie: User) -> None:
    answer = visitor().get(off_link(charlie))
    assert "Send me no more" in text_of(answer)
    assert NoticeState.objects.get(user=charlie).frequency == "weekly"


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "One-Click"}])
def test_one_press_ends_the_mails_without_signing_in(charlie: User, body: dict[str, str]) -> None:
    """By the button of the page, and by a mail program (RFC 8058): no cookie, no token."""
    answer = visitor(csrf=True).post(off_link(charlie), body)
    assert answer.status_code == 200
    assert "You get no more mails" in text_of(answer)
    assert not answer.cookies
    assert NoticeState.objects.get(user=charlie).frequency == "off"
    assert visitor(csrf=True).post(off_link(charlie), body).status_code == 200


def test_the_feed_has_the_notices(cause: Cause, bob: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    respond(bob, cause)
    state_of(charlie)
    NoticeState.objects.update(language="en")
    answer = visitor(language="de").get(feed_link(charlie))
    assert answer.headers["Content-Type"] == "application/atom+xml"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in answer.headers["Cache-Control"]
    assert titles(charlie) == ["The organisation has answered"]


def test_a_renewed_feed_leaves_the_old_address_and_not_the_links_of_mails(charlie: User) -> None:
    old, off = feed_link(charlie), off_link(charlie)
    visitor(charlie).post("/votes/notices/feed")
    assert visitor().get(old).status_code == 404
    assert visitor().get(feed_link(charlie)).status_code == 200
    assert visitor().get(off).status_code == 200
