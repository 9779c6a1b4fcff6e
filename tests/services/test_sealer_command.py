"""`stimme sealer`, and the sealer of `stimme serve`: rounds that no error ends."""

import logging
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from stimme.apps.accounts.models import User
from stimme.apps.ballot import publisher
from stimme.apps.ballot.models import LogHead
from stimme.apps.ballot.sealer import seal
from stimme.apps.causes.models import Cause
from stimme.cli import sealer
from stimme.cli.serve import serve
from tests.crash.instances import answers, free_port, make, running, until
from tests.house import lines, vote

FORGETTING = "stimme.apps.accounts.forgetting.forget_old_counts"
SEALING = "stimme.apps.ballot.sealer.seal"
ROOMS = "stimme.apps.rooms.services.forget_expired"
DUE = "stimme.apps.organisations.commitments.ask_about_due"
LOOKING = "stimme.apps.ballot.watching.Watch.look"


class Rounds(threading.Event):
    """Lets so many rounds begin at once, then stops."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.left = number

    def wait(self, timeout: float | None = None) -> bool:
        del timeout
        self.left -= 1
        return self.left < 0


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the steps that were taken; the steps do nothing else."""
    taken: list[str] = []
    for name in (FORGETTING, ROOMS, SEALING, DUE, LOOKING):
        monkeypatch.setattr(name, lambda *_, name=name: taken.append(name))
    return taken


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broken", [FORGETTING, ROOMS, SEALING, DUE, LOOKING])
def test_an_error_of_one_step_ends_neither_the_round_nor_the_sealer(
    broken: str,
    steps: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no error of the database")

    monkeypatch.setattr(broken, fail)
    sealer.seal_until(Rounds(2))
    whole = [name for name in (FORGETTING, ROOMS, SEALING, DUE, LOOKING) if name != broken]
    assert steps == 2 * whole
    errors = [one.getMessage() for one in caplog.records if one.levelno == logging.ERROR]
    assert [error.partition("; ")[2] for error in errors] == 2 * ["it will be tried again"]


@pytest.mark.django_db(transaction=True)
def test_a_refusal_is_told_in_every_round(
    cause: Cause, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    vote(alice, cause, "for")
    seal(everything=True)
    LogHead.objects.update(size=1)
    sealer.seal_until(Rounds(2))
    told = [one.getMessage() for one in caplog.records if one.name == "stimme.sealer"]
    size = publisher.size_of(publisher.published_checkpoint())
    said = f"The published log holds {size} lines, the database 1."
    assert [one[: len(said)] for one in told] == [said, said]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("start", [sealer.need_sealing, lambda: serve(host="127.0.0.1", port=1)])
def test_where_sealing_is_refused_no_vote_is_promised_anything(start: Callable[[], None]) -> None:
    seal()
    LogHead.objects.update(origin="elsewhere.example/log")
    with pytest.raises(SystemExit, match="keeps its name"):
        start()


@pytest.mark.django_db(transaction=True)
def test_it_begins_with_a_sealing(cause: Cause) -> None:
    sealer.need_sealing()
    assert publisher.size_of(publisher.published_checkpoint()) == len(lines()) > 0


def test_alone_it_seals_shows_its_numbers_and_ends_when_asked(tmp_path: Path) -> None:
    instance, port = make(tmp_path), free_port()
    with running(instance.start("sealer", "--metrics-port", str(port))) as process:
        until(lambda: answers(port), "numbers are shown")
        until((tmp_path / "log" / "checkpoint").exists, "the log is published")
        until(lambda: "stimme_last_look_timestamp_seconds 1" in numbers(port), "it has looked")
        assert "stimme_pending_lines 0.0" in numbers(port)
        assert "stimme_wrong_log 0.0" in numbers(port)
        process.process.terminate()
        assert process.process.wait(60) == 0


def numbers(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text: str = answer.read().decode()
        return text
