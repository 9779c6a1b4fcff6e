"""Sources are checked by a role, with a note; what was found before stays."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import dismiss_staff, make_staff
from stimme.apps.causes.checking import check_source, let_check, may_check
from stimme.apps.causes.models import Cause, Source, SourceCheck
from stimme.apps.causes.selectors import sources_of

ELSEWHERE = "https://example.org/retraction"


@pytest.fixture
def source(cause: Cause) -> Source:
    return cause.sources.get()


@pytest.fixture
def checker(bob: User) -> User:
    let_check(user=bob)
    return User.objects.get(pk=bob.pk)


def test_the_newest_is_what_holds_and_the_older_stay(source: Source, checker: User) -> None:
    check_source(by=checker, source=source, verdict="checked", note="It says so.")
    check_source(
        by=checker, source=source, verdict="withdrawn", note="Retracted.", evidence=ELSEWHERE
    )
    state = sources_of(source.cause).get().state
    assert state
    assert (state.verdict, state.note, state.evidence) == ("withdrawn", "Retracted.", ELSEWHERE)
    assert [check.verdict for check in source.checks.all()] == ["withdrawn", "checked"]


def test_what_nobody_checked_has_no_state(source: Source) -> None:
    assert sources_of(source.cause).get().state is None


def test_it_needs_the_role(source: Source, alice: User, bob: User, charlie: User) -> None:
    for user in [alice, bob, charlie]:
        with pytest.raises(PermissionDenied):
            check_source(by=user, source=source, verdict="checked", note="It says so.")


def test_the_role_goes_with_the_staff(checker: User) -> None:
    assert may_check(checker) is True
    dismiss_staff(email=checker.email)
    make_staff(email=checker.email)
    assert may_check(User.objects.get(pk=checker.pk)) is False


@pytest.mark.parametrize(
    "verdict, note, evidence, code",
    [
        ("checked", " ", "", "empty"),
        ("true", "So.", "", "empty"),
        ("disputed", "So.", "", "no_evidence"),
        ("withdrawn", "So.", "", "no_evidence"),
        ("checked", "So\u202e.", "", "invisible"),
    ],
)
def test_what_is_refused(
    source: Source, checker: User, verdict: str, note: str, evidence: str, code: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        check_source(by=checker, source=source, verdict=verdict, note=note, evidence=evidence)
    assert caught.value.code == code
    assert SourceCheck.objects.count() == 0


def test_the_database_keeps_doubt_without_evidence_out(source: Source) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        SourceCheck.objects.create(source=source, verdict="disputed", note="So.")
