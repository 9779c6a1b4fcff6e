"""A correction says what was wrong, on whose word, and stays."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import ProtectedError
from django.utils import timezone

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import dismiss_staff
from stimme.apps.ballot.answers import unanswered
from stimme.apps.ballot.models import TurningPoint
from stimme.apps.ballot.selectors import own_seats
from stimme.apps.causes.corrections import (
    OWN_A_WEEK,
    Fault,
    let_correct,
    may_correct,
    record_correction,
)
from stimme.apps.causes.models import Cause, Correction, CorrectionSource, SaidBy, Wrong
from stimme.apps.causes.services import Demand, Reference, close_cause, revise_cause
from stimme.apps.moderation.services import hide
from stimme.cli import run
from stimme.engines.translog import TextLine, text_commitment
from tests.house import SOURCES, lines, start_cause, version_of, vote

GAZETTE = Reference("The retraction", "https://gazette.example/retraction")
RADIO = Reference("Report on it", "https://radio.example/report")
WHAT = "The report was withdrawn: its numbers were made up."


def fault(**fields: object) -> Fault:
    plain = Fault(
        kind=Wrong.CLAIM_FALSE.value,
        what=WHAT,
        since=timezone.localdate(),
        said_by=SaidBy.SOURCES.value,
        sources=[GAZETTE, RADIO],
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


ADMITTED = {"said_by": SaidBy.AUTHOR.value}


@pytest.fixture
def dana(db: None) -> User:
    """Of the staff, with the role that Bob does not have."""
    user = User.objects.create_user("dana@example.org", is_staff=True)
    let_correct(user=user)
    return User.objects.get(pk=user.pk)


def test_the_log_commits_to_what_was_wrong(cause: Cause, dana: User) -> None:
    correction = record_correction(by=dana, cause=cause, fault=fault())
    [line] = [TextLine.parse(text) for text in lines(kind="text")]
    assert (line.kind, line.cid) == ("correction", version_of(cause).cid)
    assert line.commitment == text_commitment(bytes(correction.salt), WHAT)
    assert [(one.title, one.url, one.host) for one in correction.sources.all()] == [
        (GAZETTE.title, GAZETTE.url, "gazette.example"),
        (RADIO.title, RADIO.url, "radio.example"),
    ]
    assert (correction.version, correction.own) == (version_of(cause), False)


def test_everybody_who_voted_before_is_asked(
    cause: Cause, alice: User, charlie: User, dana: User
) -> None:
    vote(alice, cause, "for")
    correction = record_correction(by=dana, cause=cause, fault=fault())
    vote(charlie, cause, "against")
    point = TurningPoint.objects.get()
    assert (point.cid, point.kind, point.subject, point.asked) == (
        version_of(cause).cid,
        "correction",
        correction.pk,
        1,
    )
    asked = [
        unanswered(own_seats(user=user, cids=[point.cid])).get(point.cid)
        for user in [alice, charlie]
    ]
    assert asked == [point, None]


def test_it_stands_for_good(cause: Cause, dana: User) -> None:
    correction = record_correction(by=dana, cause=cause, fault=fault())
    for gone in [correction, correction.version, cause]:
        with pytest.raises(ProtectedError):
            gone.delete()


def test_a_corrected_wording_stays_a_version(cause: Cause, alice: User, dana: User) -> None:
    correction = record_correction(by=dana, cause=cause, fault=fault())
    second = revise_cause(by=alice, cause=cause, demand=Demand("Bring back Product Y", "en"))
    assert (second.number, second.supersedes) == (2, correction.version)


def test_a_withdrawn_source_is_named(cause: Cause, dana: User) -> None:
    own = cause.sources.all()[0]
    withdrawn = {"kind": Wrong.SOURCE_WITHDRAWN.value, "source": own}
    correction = record_correction(by=dana, cause=cause, fault=fault(**withdrawn))
    assert correction.source == own
    other = record_correction(by=dana, cause=cause, fault=fault(source=own))
    assert other.source is None


@pytest.mark.parametrize("said_by", [SaidBy.AUTHOR, SaidBy.ORGANISATION])
def test_where_it_is_admitted_one_source_is_enough(
    cause: Cause, dana: User, said_by: SaidBy
) -> None:
    admitted = fault(said_by=said_by.value, sources=[GAZETTE])
    record_correction(by=dana, cause=cause, fault=admitted)
    with pytest.raises(ValidationError) as refusal:
        record_correction(by=dana, cause=cause, fault=replace(admitted, what="So.", sources=[]))
    assert refusal.value.code == "no_source"


def test_authors_admit_it_on_their_own_word(cause: Cause, alice: User) -> None:
    correction = record_correction(by=alice, cause=cause, fault=fault(**ADMITTED, sources=[]))
    assert (correction.own, correction.said_by) == (True, SaidBy.AUTHOR)


def test_authors_wait_after_some_corrections_in_a_week(cause: Cause, alice: User) -> None:
    for number in range(OWN_A_WEEK):
        record_correction(by=alice, cause=cause, fault=fault(**ADMITTED, what=f"Number {number}"))
    with pytest.raises(ValidationError) as refusal:
        record_correction(by=alice, cause=cause, fault=fault(**ADMITTED))
    assert refusal.value.code == "too_often"
    Correction.objects.update(at=timezone.now() - timedelta(days=8))
    record_correction(by=alice, cause=cause, fault=fault(**ADMITTED))


def test_a_closed_cause_can_be_corrected(cause: Cause, alice: User, dana: User) -> None:
    close_cause(by=alice, cause=cause)
    record_correction(by=dana, cause=cause, fault=fault())


@pytest.mark.parametrize(
    "fields, code",
    [
        ({"what": " \n"}, "empty"),
        ({"what": "Hidden \u202e text"}, "invisible"),
        ({"kind": "unwelcome"}, "unknown"),
        ({"said_by": "everybody"}, "unknown"),
        ({"since": timezone.localdate() + timedelta(days=2)}, "future"),
        ({"sources": []}, "too_few_sources"),
        ({"sources": [GAZETTE]}, "too_few_sources"),
        ({"sources": [GAZETTE, GAZETTE]}, "too_few_sources"),
        ({"sources": [Reference("\u200b", GAZETTE.url), RADIO]}, "invisible"),
    ],
)
def test_what_is_missing_or_wrong_is_refused(
    cause: Cause, dana: User, fields: dict[str, object], code: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        record_correction(by=dana, cause=cause, fault=fault(**fields))
    assert refusal.value.code == code
    assert (Correction.objects.count(), CorrectionSource.objects.count()) == (0, 0)
    assert lines(kind="text") == []


def test_the_same_is_not_recorded_twice(cause: Cause, dana: User) -> None:
    record_correction(by=dana, cause=cause, fault=fault())
    with pytest.raises(ValidationError) as refusal:
        record_correction(by=dana, cause=cause, fault=fault())
    assert refusal.value.code == "unchanged"


def test_a_source_of_another_cause_is_none_of_this(cause: Cause, alice: User, dana: User) -> None:
    other = start_cause(alice, cause.organisation, "Bring back Product Y").sources.all()[0]
    assert other.url == SOURCES[0].url
    withdrawn = fault(kind=Wrong.SOURCE_WITHDRAWN.value, source=other)
    with pytest.raises(ValidationError) as refusal:
        record_correction(by=dana, cause=cause, fault=withdrawn)
    assert refusal.value.code == "source"


def test_a_hidden_cause_is_not_corrected(cause: Cause, bob: User, dana: User) -> None:
    hide(by=bob, target=cause, reason="It names a private person.")
    with pytest.raises(ValidationError) as refusal:
        record_correction(by=dana, cause=cause, fault=fault())
    assert refusal.value.code == "hidden"


@pytest.mark.parametrize("said_by", list(SaidBy))
def test_nobody_else_corrects(cause: Cause, bob: User, charlie: User, said_by: SaidBy) -> None:
    for user in [bob, charlie]:
        with pytest.raises(PermissionDenied):
            record_correction(by=user, cause=cause, fault=fault(said_by=said_by.value))
    assert lines(kind="text") == []


def test_the_role_goes_with_the_staff(dana: User) -> None:
    dismissed = User.objects.get(pk=dismiss_staff(email=dana.email).pk)
    assert may_correct(dismissed) is False


@pytest.mark.django_db
def test_the_role_is_given_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    commands: list[Callable[[], int]] = [
        lambda: run(["staff", "add", "dora@example.org"]),
        lambda: run(["staff", "add", "erin@example.org", "--correct", "--annul"]),
        lambda: run(["staff", "add", "fred@example.org", "--check"]),
        lambda: run(["staff", "list"]),
    ]
    assert [command() for command in commands] == [0] * 4
    assert capsys.readouterr().out.splitlines()[3:] == [
        "dora@example.org",
        "erin@example.org (may annul votes, may correct causes)",
        "fred@example.org (may check sources)",
    ]
