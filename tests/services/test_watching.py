"""The sealing process proves tallies and log in the background, and alarms."""

import logging
import time
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db.models import F
from prometheus_client import REGISTRY
from pytest_django import Settings

from stimme.apps.accounts.models import User
from stimme.apps.ballot import publisher
from stimme.apps.ballot.models import Entry, LogHead, PendingLine, Tally
from stimme.apps.ballot.recounting import recount
from stimme.apps.ballot.sealer import seal
from stimme.apps.ballot.watching import Watch
from stimme.apps.causes.models import Cause
from stimme.cli import run
from tests.house import start_cause, version_of, vote

HOUR = 3600


@pytest.fixture
def voted(cause: Cause, alice: User, charlie: User) -> str:
    vote(alice, cause, "for")
    vote(charlie, cause, "against")
    return version_of(cause).cid


def metric(name: str) -> float | None:
    return REGISTRY.get_sample_value(f"stimme_{name}")


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    found = [one.getMessage() for one in caplog.records if one.levelno == logging.ERROR]
    caplog.clear()
    return found


def bend(cid: str) -> None:
    Tally.objects.filter(cid=cid, choice="for").update(number=F("number") + 100)


def test_a_bent_tally_is_an_error_until_it_is_made_right(
    voted: str, caplog: pytest.LogCaptureFixture
) -> None:
    watch = Watch()
    watch.look()
    assert (errors(caplog), metric("wrong_tallies")) == ([], 0)
    bend(voted)
    watch.look()
    told = [f"the tallies of {voted} are not those of its seats"]
    assert (errors(caplog), metric("wrong_tallies")) == (told, 1)
    recount(voted)
    watch.look()
    assert (errors(caplog), metric("wrong_tallies")) == ([], 0)


@pytest.fixture
def boxes(voted: str, cause: Cause, alice: User, settings: Settings) -> list[str]:
    """Twelve, of which one round takes the sixth part."""
    changes = {"causes_per_day": 100, "seal_interval": HOUR // 6}
    settings.STIMME = django_settings.STIMME.model_copy(update=changes)
    others = [start_cause(alice, cause.organisation, f"Product {n}") for n in range(11)]
    for other in others:
        vote(alice, other, "for")
    return [voted, *(version_of(other).cid for other in others)]


def test_within_an_hour_every_box_is_proven(
    boxes: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    for cid in boxes:
        bend(cid)
    watch = Watch()
    for _ in range(6):
        watch.look()
    assert metric("wrong_tallies") == len(boxes)
    assert {message.split(" ")[3] for message in errors(caplog)} == set(boxes)


def test_a_box_that_changed_need_not_wait_for_its_turn(
    boxes: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    for cid in boxes:
        watch = Watch()
        for _ in range(6):
            watch.look()
        bend(cid)
        watch.look()
        assert errors(caplog) == [f"the tallies of {cid} are not those of its seats"]
        recount(cid)


def test_lines_that_are_not_the_published_ones_are_an_error(
    voted: str, caplog: pytest.LogCaptureFixture
) -> None:
    seal(everything=True)
    watch = Watch()
    watch.look()
    assert (errors(caplog), metric("wrong_log")) == ([], 0)
    Entry.objects.filter(log_index=0).update(text="s1 changed")
    watch.look()
    told = "log: Among the lines 0 to 3, published ones are not the database’s."
    assert (errors(caplog), metric("wrong_log")) == ([told], 1)


@pytest.mark.parametrize("name", ["tile/0/000.p/4", "tile/entries/000.p/4"])
def test_damaged_files_are_an_error(
    voted: str, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    seal(everything=True)
    Path(publisher.directory(), name).write_bytes(b"")
    Watch().look()
    assert [message[:35] for message in errors(caplog)] != []
    assert metric("wrong_log") == 1


def test_what_waits_is_measured(voted: str) -> None:
    Watch().look()
    waiting = PendingLine.objects.count()
    assert (metric("pending_lines"), metric("sealing_lag_seconds")) == (waiting, 0)
    deadline = int(time.time()) + django_settings.STIMME.promise_deadline - 30
    PendingLine.objects.filter(kind="vote").update(deadline=deadline)
    Watch().look()
    age = metric("oldest_pending_seconds")
    assert age is not None
    assert 29 < age < 60
    seal(everything=True)
    Watch().look()
    assert (metric("pending_lines"), metric("oldest_pending_seconds")) == (0, 0)


def test_when_it_was_measured_is_told_and_stays_where_that_fails(
    voted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Watch().look()
    first = metric("last_look_timestamp_seconds")
    assert first is not None
    assert abs(time.time() - first) < 60

    def fail(*_arguments: object) -> None:
        raise OSError("the store is away")

    monkeypatch.setattr("stimme.apps.ballot.watching.faults_of_stretch", fail)
    with pytest.raises(OSError, match="away"):
        Watch().look()
    assert metric("last_look_timestamp_seconds") == first


def test_a_sealing_that_is_late_is_measured(voted: str, cause: Cause, alice: User) -> None:
    seal(everything=True)
    vote(alice, cause, "against")
    PendingLine.objects.update(deadline=int(time.time()))
    Watch().look()
    lag = metric("sealing_lag_seconds")
    assert lag is not None
    assert lag > 0


def test_the_check_is_content_with_an_honest_instance(
    voted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("check", databases=["default"])
    seal(everything=True)
    assert run(["check"]) == 0
    assert (
        capsys.readouterr().out.splitlines()
        == ["System check identified no issues (0 silenced)."] * 2
    )


def test_the_check_names_wrong_tallies_and_a_log_of_another_history(voted: str) -> None:
    seal(everything=True)
    bend(voted)
    Entry.objects.filter(log_index=1).update(text="s1 changed")
    with pytest.raises(SystemCheckError) as refused:
        call_command("check", databases=["default"])
    told = str(refused.value)
    assert f"The tallies of {voted} are not those of its seats." in told
    assert "do not lead to the root of 4 lines." in told


def test_the_check_sees_lines_that_were_sealed_but_never_published(voted: str) -> None:
    seal(everything=True)
    LogHead.objects.update(root="A" * 43 + "=")
    with pytest.raises(SystemCheckError, match="do not lead to the root"):
        call_command("check", databases=["default"])
