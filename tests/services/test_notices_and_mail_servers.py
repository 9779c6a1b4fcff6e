"""Mail servers fail in many ways: every voter gets the one mail, and nobody another."""

import fcntl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone
from pytest_django import Settings

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause
from stimme.apps.ledger.models import Mailing
from stimme.apps.ledger.postman import Postman
from stimme.apps.ledger.sending import Sent, send_due
from stimme.apps.organisations.models import Result
from stimme.apps.organisations.services import record_decision
from tests.house import vote
from tests.mail_server import HANG_UP, OK, Mailbox, Mood, mail_server, moody, port_of

PAUSES = [timedelta(minutes=10), timedelta(minutes=40)]
Server = Callable[..., Mailbox]


@pytest.fixture
def voters(cause: Cause, bob: User, charlie: User) -> list[str]:
    """Twelve who voted on a cause that was decided then, on both sides; Charlie did not."""
    users = [User.objects.create_user(f"voter{n:02}@example.org") for n in range(12)]
    for number, user in enumerate(users):
        vote(user, cause, "for" if number % 2 else "against")
    record_decision(
        by=bob,
        cause=cause,
        result=Result.GRANTED,
        summary="From May on.",
        source_url="",
        decided_on=date(2026, 11, 1),
    )
    return [user.email for user in users]


@contextmanager
def serving(settings: Settings, on_rcpt: Mood, on_data: Mood) -> Iterator[Mailbox]:
    with mail_server(on_rcpt, on_data) as (mailbox, url):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port_of(url)
        yield mailbox


def yes(_address: str) -> str:
    return OK


def always(*answers: str, to: str) -> Mood:
    """Give these answers to one address, the last of them for ever; yes to all others."""
    left = list(answers)

    def answer(address: str) -> str:
        if address != to:
            return OK
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


def send(now: datetime | None = None, limit: int = 5) -> Sent:
    total = Sent(more=True)
    while total.more:
        sent = send_due(limit=limit, now=now)
        for name in ("mailed", "put_off", "given_up"):
            setattr(sent, name, getattr(total, name) + getattr(sent, name))
        total = sent
    return total


@pytest.mark.parametrize("seed", range(5))
def test_a_moody_server_gets_every_mail_once(
    voters: list[str], settings: Settings, seed: int
) -> None:
    now = timezone.now()
    with serving(settings, moody(seed, share=0.3), moody(seed + 100, share=0.3)) as mailbox:
        for _ in range(40):
            send(now)
            now += timedelta(hours=12)
    assert mailbox.addresses == voters
    assert len({mail["Message-ID"] for _, mail in mailbox.taken}) == len(voters)


def test_the_mail_arrives_as_it_was_made(voters: list[str], settings: Settings) -> None:
    with serving(settings, yes, yes) as mailbox:
        assert send() == Sent(mailed=12)
    address, mail = mailbox.taken[0]
    assert (mail["To"], mail["Auto-Submitted"]) == (address, "auto-generated")
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_a_mailbox_that_refuses_for_good_is_given_up(voters: list[str], settings: Settings) -> None:
    now = timezone.now()
    with serving(settings, always("550 No such user", to=voters[3]), yes) as mailbox:
        assert send(now) == Sent(mailed=11, put_off=1)
        for pause in PAUSES:
            assert send(now + pause - timedelta(minutes=1)) == Sent()
            now += pause
            last = send(now)
        assert last == Sent(given_up=1)
        assert send(now + timedelta(days=30)) == Sent()
    assert mailbox.addresses == [one for one in voters if one != voters[3]]
    assert not Mailing.objects.exists()


def test_a_mailbox_that_is_busy_is_tried_after_growing_pauses(
    voters: list[str], settings: Settings
) -> None:
    now = timezone.now()
    with serving(settings, yes, always("451 Later", "452 Full", OK, to=voters[3])) as mailbox:
        assert send(now).put_off == 1
        for pause in PAUSES:
            assert send(now + pause - timedelta(minutes=1)) == Sent()
            now += pause
            last = send(now)
        assert last == Sent(mailed=1)
    assert mailbox.addresses == voters


def test_a_connection_that_breaks_is_made_anew(voters: list[str], settings: Settings) -> None:
    with serving(settings, yes, always(HANG_UP, "421 Restarting", OK, to=voters[3])) as mailbox:
        assert send() == Sent(mailed=12)
    assert mailbox.addresses == voters


def test_a_mail_that_breaks_every_connection_holds_no_other_up(
    voters: list[str], settings: Settings
) -> None:
    with serving(settings, yes, always(HANG_UP, to=voters[3])) as mailbox:
        first = send()
        assert (first.mailed, first.put_off) == (3, 1)
        assert first.unreachable == "SMTPServerDisconnected"
        assert send() == Sent(mailed=8)
    assert mailbox.addresses == [one for one in voters if one != voters[3]]
    assert Mailing.objects.filter(due_at__isnull=False).count() == 1


def test_an_address_that_cannot_be_written_to_holds_nobody_up(
    voters: list[str], settings: Settings
) -> None:
    User.objects.filter(email=voters[3]).update(email="a\n@example.org")
    with serving(settings, yes, yes) as mailbox:
        assert send() == Sent(mailed=11, put_off=1)
    assert mailbox.addresses == [one for one in voters if one != voters[3]]


def test_a_server_that_is_away_costs_nothing_but_time(
    voters: list[str], settings: Settings
) -> None:
    with serving(settings, yes, yes):
        pass
    gone = send()
    assert (gone.mailed, gone.put_off, gone.unreachable) == (0, 0, "ConnectionRefusedError")
    with serving(settings, yes, yes) as mailbox:
        assert send() == Sent(mailed=12)
    assert mailbox.addresses == voters


def test_a_mail_in_doubt_is_sent_again_as_the_same(
    voters: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server has it, but the program dies before it can note so."""
    hand_over = Postman.send

    def die(self: Postman, mail: EmailMessage) -> None:
        hand_over(self, mail)
        if mail.to == [voters[3]]:
            raise KeyboardInterrupt

    with serving(settings, yes, yes) as mailbox:
        monkeypatch.setattr(Postman, "send", die)
        with pytest.raises(KeyboardInterrupt):
            send()
        monkeypatch.undo()
        send()
    times = Counter(mailbox.addresses)
    assert set(times) == set(voters)
    assert {one for one, number in times.items() if number > 1} == {voters[3]}
    assert len({mail["Message-ID"] for _, mail in mailbox.taken}) == len(voters)


def test_a_stop_in_the_middle_of_a_batch_repeats_nothing(
    voters: list[str], settings: Settings
) -> None:
    with serving(settings, yes, yes) as mailbox:
        signs = iter([False] * 7 + [True])
        assert send_due(stopped=lambda: next(signs)).mailed == 7
        assert send() == Sent(mailed=5)
    assert mailbox.addresses == voters


def test_of_two_that_send_at_once_one_does(voters: list[str], settings: Settings) -> None:
    with serving(settings, yes, yes) as mailbox:
        with (settings.STIMME.home / "notices.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            assert send_due() == Sent(busy=True)
        assert send().mailed == 12
    assert mailbox.addresses == voters
