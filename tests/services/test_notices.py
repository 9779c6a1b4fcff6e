"""Notices by mail: who gets one, when, how often, and in which words."""

from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import erase_account
from stimme.apps.ballot.models import TurningKind, TurningPoint
from stimme.apps.ballot.services import cast_vote, issue_paper, open_box, stand_by, turn
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, revise_cause
from stimme.apps.ledger.mailboxes import account_of, name_of
from stimme.apps.ledger.models import Frequency, Mailing, NoticeState
from stimme.apps.ledger.notice_settings import choose, speak, state_of
from stimme.apps.ledger.sending import Sent, send_due
from stimme.apps.moderation.services import hide
from stimme.apps.organisations.models import Organisation, Result
from stimme.apps.organisations.services import record_decision, record_response
from stimme.engines.translog import cause_id
from tests.house import SESSION, start_cause, version_of, vote

# On PostgreSQL: the sender's own lock, and the wait for turning points that are being made.
LOCKS = 3 if connection.vendor == "postgresql" else 0


@pytest.fixture(autouse=True)
def _english(settings: Settings) -> None:
    settings.LANGUAGE_CODE = "en"


def decide(bob: User, cause: Cause, summary: str = "From May on.") -> None:
    record_decision(
        by=bob,
        cause=cause,
        result=Result.GRANTED,
        summary=summary,
        source_url="",
        decided_on=date(2026, 11, 1),
    )


def respond(bob: User, cause: Cause, text: str = "We will think about it.") -> None:
    record_response(by=bob, cause=cause, text=text, source_url="", published_on=date(2026, 11, 1))


def send(now: datetime | None = None) -> Sent:
    """Send all that is due; return the sum of the batches."""
    total = Sent()
    while (sent := send_due(limit=2, now=now)).more:
        for name in ("looked_at", "mailed", "put_off", "given_up"):
            setattr(total, name, getattr(total, name) + getattr(sent, name))
    return total


def mailed() -> list[str]:
    return sorted(to for one in mail.outbox for to in one.to)


def noon(days: int = 0) -> datetime:
    """On the Wednesday of next week, or so many days after it."""
    here = timezone.localtime().replace(hour=12)
    return here + timedelta(days=9 - here.weekday() + days)


def test_a_decision_is_told_at_once_to_both_sides_and_nobody_else(
    cause: Cause, alice: User, bob: User, charlie: User
) -> None:
    vote(alice, cause, "for")
    vote(charlie, cause, "against")
    decide(bob, cause)
    assert send() == Sent(looked_at=3, mailed=2)
    assert mailed() == ["alice@example.org", "charlie@example.org"]
    one, other = mail.outbox
    assert one.subject == other.subject == "Decided: a cause you voted on"
    assert len({_without_links(message) for message in (one, other)}) == 1


def _without_links(message: object) -> str:
    assert isinstance(message, EmailMultiAlternatives)
    return "\n".join(line for line in str(message.body).splitlines() if "/off/" not in line)


def test_nothing_is_sent_twice(cause: Cause, bob: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    decide(bob, cause)
    assert [send().mailed, send().mailed, send(noon()).mailed] == [1, 0, 0]


def test_whoever_votes_afterwards_is_told_nothing(cause: Cause, bob: User, charlie: User) -> None:
    decide(bob, cause)
    vote(charlie, cause, "for")
    assert send(noon()).mailed == 0


def test_withdrawn_votes_are_not_asked(cause: Cause, bob: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    vote(charlie, cause, "withdrawn")
    decide(bob, cause)
    assert send(noon()).mailed == 0


def test_an_answer_is_told_in_the_digest_of_the_week(
    cause: Cause, bob: User, charlie: User
) -> None:
    vote(charlie, cause, "for")
    respond(bob, cause)
    assert send().mailed == 0
    assert send(noon()).mailed == 1
    assert mail.outbox[0].subject == "News of a cause you voted on"
    assert send(noon(7)).mailed == 0


def test_a_daily_digest_comes_the_next_morning(cause: Cause, bob: User, charlie: User) -> None:
    choose(user=charlie, frequency=Frequency.DAILY, language="en")
    vote(charlie, cause, "for")
    respond(bob, cause)
    TurningPoint.objects.update(at=noon())
    assert send(noon().replace(hour=23, minute=59)).mailed == 0
    assert send(noon(1).replace(hour=5)).mailed == 0
    assert send(noon(1).replace(hour=7)).mailed == 1


def test_one_digest_tells_all_there_is(
    cause: Cause, alice: User, bob: User, charlie: User, shop: Organisation
) -> None:
    other = start_cause(alice, shop, "Bring back Product Y")
    for one in [cause, other]:
        vote(charlie, one, "for")
        respond(bob, one)
    assert send(noon()).mailed == 1
    assert mail.outbox[0].subject == "2 notices about causes you voted on"
    assert "Product X" in str(mail.outbox[0].body)
    assert "Product Y" in str(mail.outbox[0].body)


def test_there_is_one_mail_a_day_at_most(
    cause: Cause, alice: User, bob: User, charlie: User, shop: Organisation
) -> None:
    """What comes later on the same day waits for the next morning, and is not lost."""
    causes = [cause, *(start_cause(alice, shop, f"Bring back Product {n}") for n in "YZ")]
    for one in causes:
        vote(charlie, one, "for")
    decide(bob, causes[0])
    assert send(noon()).mailed == 1
    decide(bob, causes[1])
    assert send(noon()) == Sent(looked_at=3, put_off=1)
    decide(bob, causes[2])
    assert send(noon()) == Sent(looked_at=3, put_off=1)
    assert send(noon(1).replace(hour=5)).mailed == 0
    assert send(noon(1)).mailed == 1
    assert mail.outbox[1].subject == "Decided: 2 causes you voted on"
    assert send(noon(2)).mailed == 0


def test_off_means_off(cause: Cause, bob: User, charlie: User) -> None:
    choose(user=charlie, frequency=Frequency.OFF, language="en")
    vote(charlie, cause, "for")
    decide(bob, cause)
    assert send(noon()).mailed == 0
    choose(user=charlie, frequency=Frequency.DAILY, language="en")
    assert send(noon()).mailed == 0


def test_off_also_drops_what_was_put_off(
    cause: Cause, alice: User, bob: User, charlie: User, shop: Organisation
) -> None:
    other = start_cause(alice, shop, "Bring back Product Y")
    for one in [cause, other]:
        vote(charlie, one, "for")
    decide(bob, cause)
    send(noon())
    decide(bob, other)
    assert send(noon()).put_off == 1
    choose(user=charlie, frequency=Frequency.OFF, language="en")
    assert send(noon(1)).mailed == 0
    send(noon(2))
    assert not Mailing.objects.exists()


def test_switched_off_accounts_get_nothing(cause: Cause, bob: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    User.objects.filter(pk=charlie.pk).update(is_active=False)
    decide(bob, cause)
    assert send(noon()).mailed == 0


def test_an_erased_account_leaves_nothing(
    cause: Cause, alice: User, bob: User, charlie: User, shop: Organisation
) -> None:
    other = start_cause(alice, shop, "Bring back Product Y")
    for one in [cause, other]:
        vote(charlie, one, "for")
    decide(bob, cause)
    send(noon())
    decide(bob, other)
    assert send(noon()).put_off == 1
    account = charlie.pk
    erase_account(user=charlie)
    assert not NoticeState.objects.filter(pk=account).exists()
    assert send(noon(1)).mailed == 0
    send(noon(2))
    assert not Mailing.objects.exists()


def test_all_accounts_move_alike(cause: Cause, alice: User, bob: User, charlie: User) -> None:
    """Nothing in the rows of accounts says who was mailed."""
    vote(charlie, cause, "for")
    decide(bob, cause)
    send(noon())
    rows = NoticeState.objects.values_list(
        "frequency", "language", "urgent_up_to", "digest_up_to", "feed"
    )
    assert len(rows) == 3
    assert len(set(rows)) == 1


def test_what_was_mailed_is_noted_under_a_name_that_leads_to_nobody(
    cause: Cause, bob: User, charlie: User
) -> None:
    vote(charlie, cause, "for")
    decide(bob, cause)
    send(noon())
    (mailing,) = Mailing.objects.all()
    assert mailing.who == name_of(charlie.pk)
    assert account_of(mailing.who) == charlie.pk
    assert account_of(name_of(1)[:-4] + "AAAA") is None
    send(noon(1))
    assert not Mailing.objects.exists()


def test_mails_speak_the_language_of_the_account(cause: Cause, bob: User, charlie: User) -> None:
    speak(user=charlie, language="de")
    vote(charlie, cause, "for")
    decide(bob, cause)
    send()
    (message,) = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    assert '<html lang="de">' in str(message.alternatives[0][0])


def test_a_new_version_is_named_as_it_was_voted_on(
    cause: Cause, alice: User, charlie: User
) -> None:
    """Its new words may be anybody's; they are read on the page, not mailed to thousands."""
    vote(charlie, cause, "for")
    revise_cause(by=alice, cause=cause, demand=Demand("Buy my book at once", "en"))
    assert send(noon()).mailed == 1
    body = str(mail.outbox[0].body)
    assert "Bring back Product X" in body
    assert "my book" not in body


def test_a_hidden_cause_is_not_repeated(cause: Cause, bob: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    decide(bob, cause, summary="They said so.")
    hide(by=bob, target=cause, reason="It names a private person.")
    assert send().mailed == 1
    body = str(mail.outbox[0].body)
    assert "Product X" not in body
    assert "They said so" not in body
    assert "hidden by moderation" in body


def test_a_box_without_a_cause_holds_nobody_up(charlie: User) -> None:
    """As after a restored backup that lacks it: there is nothing that could be said."""
    document = b"unknown"
    box = open_box(cid=cause_id(document), document=document)
    paper = issue_paper(user=charlie, session=SESSION, cid=box.cid)
    cast_vote(paper=paper, session=SESSION, choice="for")
    turn(cid=box.cid, kind=TurningKind.DECISION, subject=1)
    assert send(noon()) == Sent(looked_at=1)


def test_long_texts_are_cut(cause: Cause, bob: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    decide(bob, cause, summary="word " * 300)
    send()
    quoted = [line for line in str(mail.outbox[0].body).splitlines() if line.startswith("> ")]
    assert len(quoted) == 1
    assert len(quoted[0].removeprefix("> ")) <= 300


def test_answering_on_the_site_does_not_matter_to_the_mail_of_others(
    cause: Cause, alice: User, bob: User, charlie: User
) -> None:
    vote(alice, cause, "for")
    vote(charlie, cause, "for")
    respond(bob, cause)
    assert stand_by(user=charlie, cid=version_of(cause).cid)
    assert send(noon()).mailed == 2


def test_the_mails_carry_what_mail_programs_need(cause: Cause, bob: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    decide(bob, cause)
    send()
    (message,) = mail.outbox
    headers = message.message()
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"].startswith("<http://localhost:8000/votes/notices/off/")
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Message-ID"].endswith("@localhost>")
    assert headers.get_content_type() == "multipart/alternative"
    assert isinstance(message, EmailMultiAlternatives)
    html = str(message.alternatives[0][0])
    assert "<img" not in html
    assert "<script" not in html
    assert str(state_of(charlie).salt) not in headers.as_string()


def test_a_thousand_who_did_not_vote_cost_few_queries(
    cause: Cause, bob: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    users = [User(email=f"{n}@example.net", canonical_email=f"{n}@example.net") for n in range(999)]
    User.objects.bulk_create(users)
    decide(bob, cause)
    send_due(limit=1)
    with django_assert_num_queries(9 + LOCKS):
        assert send_due(limit=2000).looked_at == 1000
