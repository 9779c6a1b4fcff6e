"""`stimme notices`, and the thread of `stimme serve` that does the same."""

import threading
from datetime import date

import pytest
from pytest_django import Settings

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause
from stimme.apps.ledger.models import NoticeState
from stimme.apps.organisations.models import Result
from stimme.apps.organisations.services import record_decision
from stimme.cli import notices, run
from tests.house import vote
from tests.mail_server import mail_server, port_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stimme.cli.setup.prepare", lambda: None)


@pytest.fixture
def decided(cause: Cause, bob: User, charlie: User) -> Cause:
    vote(charlie, cause, "for")
    record_decision(
        by=bob,
        cause=cause,
        result=Result.GRANTED,
        summary="From May on.",
        source_url="",
        decided_on=date(2026, 11, 1),
    )
    return cause


def use(settings: Settings, url: str) -> None:
    settings.STIMME = settings.STIMME.model_copy(update={"smtp_url": url})
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port_of(url)


def test_it_sends_what_is_due_and_says_so(
    decided: Cause, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with mail_server() as (mailbox, url):
        use(settings, url)
        assert run(["notices"]) == 0
        assert run(["notices"]) == 0
    assert mailbox.addresses == ["charlie@example.org"]
    assert capsys.readouterr().out.splitlines() == [
        "Accounts looked at: 3. Mails sent: 1, put off: 0, given up: 0.",
        "Accounts looked at: 0. Mails sent: 0, put off: 0, given up: 0.",
    ]


def test_it_says_when_the_server_is_away(
    decided: Cause, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with mail_server() as (_, url):
        use(settings, url)
    assert run(["notices"]) == 1
    assert "the mail server takes nothing now (ConnectionRefusedError)" in capsys.readouterr().out


def test_without_a_mail_server_nothing_moves(
    decided: Cause, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever sets one up later loses nothing."""
    assert run(["notices"]) == 1
    assert "STIMME_SMTP_URL is not set" in capsys.readouterr().out
    notices.send_until(threading.Event())
    assert not NoticeState.objects.exists()


def test_the_thread_sends_at_once_and_ends_when_told(decided: Cause, settings: Settings) -> None:
    stop = threading.Event()
    with mail_server() as (mailbox, url):
        use(settings, url)
        mailbox.on_taken = stop.set
        notices.send_until(stop)
    assert mailbox.addresses == ["charlie@example.org"]


def test_an_error_does_not_end_the_thread(
    decided: Cause, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, calls = threading.Event(), iter([True, False])

    def fail(**_options: object) -> None:
        if not next(calls):
            stop.set()
        raise RuntimeError

    monkeypatch.setattr(notices, "_LOOK", 0.01)
    monkeypatch.setattr("stimme.apps.ledger.sending.send_due", fail)
    use(settings, "smtp://127.0.0.1:9")
    notices.send_until(stop)
    assert next(calls, None) is None
