from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause
from stimme.apps.organisations.models import Decision, OfficialResponse, Result
from stimme.apps.organisations.services import record_decision, record_response
from stimme.engines.translog import TextLine, text_commitment
from tests.house import lines, version_of


def test_the_log_commits_to_what_is_recorded(cause: Cause, bob: User) -> None:
    today = timezone.localdate()
    response = record_response(
        by=bob, cause=cause, text="We look into it.", source_url="", published_on=today
    )
    decision = record_decision(
        by=bob,
        cause=cause,
        result=Result.PARTLY,
        summary="In the larger shops.",
        source_url="https://example.org/decision",
        decided_on=today,
    )
    recorded = [TextLine.parse(text) for text in lines(kind="text")]
    assert [(line.kind, line.cid, line.commitment) for line in recorded] == [
        (kind, version_of(cause).cid, text_commitment(bytes(salt), text))
        for kind, salt, text in [
            ("response", response.salt, "We look into it."),
            ("decision", decision.salt, "In the larger shops."),
        ]
    ]


def test_nothing_is_recorded_of_a_day_to_come(cause: Cause, bob: User) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(ValidationError) as refusal:
        record_response(by=bob, cause=cause, text="Yes.", source_url="", published_on=tomorrow)
    assert refusal.value.code == "future"
    assert (OfficialResponse.objects.count(), lines(kind="text")) == (0, [])


def test_only_staff_record(cause: Cause, alice: User) -> None:
    with pytest.raises(PermissionDenied):
        record_decision(
            by=alice,
            cause=cause,
            result=Result.GRANTED,
            summary="Yes.",
            source_url="",
            decided_on=timezone.localdate(),
        )
    assert (Decision.objects.count(), lines(kind="text")) == (0, [])
