"""What an organisation committed itself to, what became of it, and whom that asks."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.ballot.models import TurningPoint
from stimme.apps.causes.models import Cause
from stimme.apps.moderation.services import hide
from stimme.apps.organisations.commitments import (
    ask_about_due,
    record_commitment,
    record_status,
)
from stimme.apps.organisations.models import (
    Commitment,
    CommitmentStatus,
    Decision,
    Organisation,
    Result,
)
from stimme.apps.organisations.selectors import (
    commitments_by,
    commitments_of,
    count_commitments,
)
from stimme.apps.organisations.services import record_decision
from stimme.engines.translog import TextLine, text_commitment
from tests.house import lines, start_cause, version_of, vote

TODAY = timezone.localdate()
WHAT, HOW = "The product is back in every shop.", "It stands on the shelf."
PROOF = "https://example.org/shelf"


def day(number: int) -> dt.date:
    """So many days from today."""
    return TODAY + dt.timedelta(days=number)


def decide(bob: User, cause: Cause, review_on: dt.date | None = None) -> Decision:
    return record_decision(
        by=bob,
        cause=cause,
        result=Result.GRANTED,
        summary="Yes.",
        source_url="",
        decided_on=day(-30),
        review_on=review_on,
    )


@pytest.fixture
def decision(cause: Cause, bob: User) -> Decision:
    return decide(bob, cause)


def commit(
    bob: User, decision: Decision, due_on: dt.date | None = None, what: str = WHAT
) -> Commitment:
    return record_commitment(
        by=bob, decision=decision, what=what, due_on=due_on or day(10), how_seen=HOW
    )


@pytest.fixture
def commitment(decision: Decision, bob: User) -> Commitment:
    return commit(bob, decision)


def tell(
    bob: User,
    commitment: Commitment,
    status: str,
    *,
    since: dt.date = TODAY,
    evidence: str | None = None,
    new_due_on: dt.date | None = None,
    note: str = "Seen in three shops.",
) -> CommitmentStatus:
    needed = PROOF if status in {"kept", "broken"} else ""
    return record_status(
        by=bob,
        commitment=commitment,
        status=status,
        note=note,
        since=since,
        evidence_url=needed if evidence is None else evidence,
        new_due_on=new_due_on,
    )


def refused(error: pytest.ExceptionInfo[ValidationError]) -> str | None:
    [one] = error.value.error_list
    return one.code


def asked() -> list[tuple[str, int]]:
    """What everybody was asked about since the decision."""
    rows = TurningPoint.objects.exclude(kind="decision").order_by("pk")
    return list(rows.values_list("kind", "subject"))


class TestRecording:
    def test_the_log_binds_what_by_when_and_how_it_is_seen(
        self, commitment: Commitment, cause: Cause
    ) -> None:
        [_decision, line] = [TextLine.parse(text) for text in lines(kind="text")]
        text = f"{WHAT}\n{day(10).isoformat()}\n{HOW}"
        fingerprint = text_commitment(bytes(commitment.salt), text)
        cid = version_of(cause).cid
        assert (line.kind, line.cid, line.commitment) == ("commitment", cid, fingerprint)

    def test_it_is_open_and_asks_nobody(self, commitment: Commitment) -> None:
        assert (commitment.status, commitment.stands, commitment.status_since) == (
            "open",
            "open",
            None,
        )
        assert asked() == []

    @pytest.mark.parametrize("number", [-31, -30])
    def test_it_is_due_after_the_decision(self, decision: Decision, bob: User, number: int) -> None:
        with pytest.raises(ValidationError) as error:
            commit(bob, decision, day(number))
        assert (refused(error), Commitment.objects.count()) == ("too_early", 0)

    def test_the_same_form_twice_is_one_commitment(self, commitment: Commitment, bob: User) -> None:
        with pytest.raises(ValidationError) as error:
            commit(bob, commitment.decision, what=f"  {WHAT} ")
        assert (refused(error), Commitment.objects.count()) == ("unchanged", 1)

    def test_only_staff_record(self, decision: Decision, alice: User) -> None:
        with pytest.raises(PermissionDenied):
            commit(alice, decision)
        assert Commitment.objects.count() == 0

    def test_a_review_comes_after_the_decision(self, cause: Cause, bob: User) -> None:
        with pytest.raises(ValidationError) as error:
            decide(bob, cause, review_on=day(-30))
        assert refused(error) == "too_early"
        assert decide(bob, cause, review_on=day(60)).review_on == day(60)


class TestWhatBecameOfIt:
    @pytest.mark.parametrize("status", ["kept", "broken"])
    def test_kept_and_broken_ask_all_who_voted(
        self, cause: Cause, commitment: Commitment, alice: User, bob: User, status: str
    ) -> None:
        vote(alice, cause, "for")
        tell(bob, commitment, status, since=day(-2))
        assert (commitment.status, commitment.stands) == (status, status)
        assert commitment.status_since == day(-2)
        assert asked() == [("commitment", commitment.pk)]
        assert TurningPoint.objects.get(kind="commitment").asked == 1

    def test_a_new_day_asks_nobody_before_it_is_over(
        self, commitment: Commitment, bob: User
    ) -> None:
        tell(bob, commitment, "revised", new_due_on=day(40))
        assert (commitment.due_on, commitment.due_now) == (day(10), day(40))
        assert (commitment.stands, ask_about_due(day(40)), asked()) == ("open", 0, [])
        assert ask_about_due(day(41)) == 1

    def test_the_latest_holds_and_the_earlier_ones_stay(
        self, commitment: Commitment, bob: User
    ) -> None:
        for status in ["broken", "kept"]:
            tell(bob, commitment, status)
        assert commitment.status == "kept"
        assert [one.status for one in commitment.statuses.all()] == ["broken", "kept"]
        assert asked() == [("commitment", commitment.pk)] * 2

    def test_what_was_recorded_by_mistake_can_be_opened_again(
        self, commitment: Commitment, bob: User
    ) -> None:
        tell(bob, commitment, "kept")
        tell(bob, commitment, "open", note="That was another shop.")
        assert (commitment.stands, ask_about_due(day(11))) == ("open", 1)

    @pytest.mark.parametrize("status", ["kept", "broken"])
    @pytest.mark.parametrize(
        "evidence, code",
        [
            ("", "no_evidence"),
            ("http://example.org/shelf", "invalid"),
            ("javascript:alert(1)", "invalid"),
            ("data:text/html,hello", "invalid"),
        ],
    )
    def test_kept_and_broken_need_evidence_that_everybody_can_open(
        self, commitment: Commitment, bob: User, status: str, evidence: str, code: str
    ) -> None:
        with pytest.raises(ValidationError) as error:
            tell(bob, commitment, status, evidence=evidence)
        assert (refused(error), CommitmentStatus.objects.count(), asked()) == (code, 0, [])

    @pytest.mark.parametrize(
        "status, since, new_due_on, code",
        [
            ("kept", day(1), None, "future"),
            ("kept", day(-31), None, "too_early"),
            ("kept", TODAY, day(40), "new_day"),
            ("revised", TODAY, None, "new_day"),
            ("revised", TODAY, TODAY, "too_early"),
            ("revised", day(-5), day(-6), "too_early"),
            ("revised", TODAY, dt.date.max, "too_late"),
            ("open", TODAY, None, "unchanged"),
            ("perhaps", TODAY, None, "unknown"),
        ],
    )
    def test_days_that_do_not_fit_are_refused(
        self,
        commitment: Commitment,
        bob: User,
        status: str,
        since: dt.date,
        new_due_on: dt.date | None,
        code: str,
    ) -> None:
        with pytest.raises(ValidationError) as error:
            tell(bob, commitment, status, since=since, new_due_on=new_due_on)
        assert (refused(error), CommitmentStatus.objects.count()) == (code, 0)

    @pytest.mark.parametrize("status, new_due_on", [("broken", None), ("revised", day(40))])
    def test_the_same_form_twice_asks_nobody_twice(
        self, commitment: Commitment, bob: User, status: str, new_due_on: dt.date | None
    ) -> None:
        tell(bob, commitment, status, new_due_on=new_due_on)
        before = asked()
        with pytest.raises(ValidationError) as error:
            tell(bob, commitment, status, new_due_on=new_due_on)
        assert (refused(error), asked()) == ("unchanged", before)

    @pytest.mark.parametrize("note", ["", " \n ", "\u202ekept", "k\u0435pt in all"])
    def test_something_readable_is_said(self, commitment: Commitment, bob: User, note: str) -> None:
        with pytest.raises(ValidationError):
            tell(bob, commitment, "kept", note=note)
        assert CommitmentStatus.objects.count() == 0

    def test_only_staff_record_it(self, commitment: Commitment, alice: User) -> None:
        with pytest.raises(PermissionDenied):
            tell(alice, commitment, "kept")
        assert CommitmentStatus.objects.count() == 0


class TestTheDayAfter:
    def test_all_who_voted_are_asked_once(self, commitment: Commitment) -> None:
        assert [ask_about_due(day(number)) for number in [10, 11, 11, 12]] == [0, 1, 0, 0]
        assert asked() == [("commitment", commitment.pk)]

    def test_what_was_kept_or_broken_in_time_is_not_asked_about_again(
        self, decision: Decision, bob: User
    ) -> None:
        for status in ["kept", "broken"]:
            tell(bob, commit(bob, decision, what=status), status)
        assert (ask_about_due(day(11)), len(asked())) == (0, 2)

    def test_it_is_overdue_from_then_on(self, decision: Decision, bob: User) -> None:
        stands = [commit(bob, decision, day(number)).stands for number in [-1, 0, 1]]
        assert stands == ["due", "open", "open"]

    def test_a_later_day_is_asked_about_anew(self, commitment: Commitment, bob: User) -> None:
        ask_about_due(day(11))
        tell(bob, commitment, "revised", new_due_on=day(40))
        assert [ask_about_due(day(number)) for number in [40, 41, 42]] == [0, 1, 0]
        assert asked() == [("commitment", commitment.pk)] * 2

    def test_those_of_a_hidden_cause_wait(self, commitment: Commitment, bob: User) -> None:
        hide(by=bob, target=commitment.decision.cause, reason="Under review.")
        assert (ask_about_due(day(11)), asked()) == (0, [])


@pytest.mark.parametrize("number", [1, 3])
class TestQueries:
    @pytest.fixture
    def decisions(self, alice: User, bob: User, shop: Organisation, number: int) -> list[Decision]:
        found = []
        for n in range(number):
            found.append(decide(bob, start_cause(alice, shop, f"Bring back Product {n}")))
            for m in range(number):
                tell(bob, commit(bob, found[-1], what=f"Step {m}"), "kept")
        return found

    def test_of_the_commitments_of_decisions(
        self,
        decisions: list[Decision],
        number: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        keys = [decision.pk for decision in decisions]
        with django_assert_num_queries(2):
            found = commitments_of(keys)
            told = {
                key: [(one.what, one.status, one.status_since, one.is_overdue) for one in ones]
                for key, ones in found.items()
            }
        steps = [(f"Step {m}", "kept", TODAY, False) for m in range(number)]
        assert told == dict.fromkeys(keys, steps)

    def test_of_the_commitments_of_an_organisation(
        self,
        decisions: list[Decision],
        shop: Organisation,
        bob: User,
        number: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        hide(by=bob, target=decisions[-1].cause, reason="Under review.")
        with django_assert_num_queries(2 if number > 1 else 1):
            found = commitments_by(shop)
            counts = count_commitments(found)
            asks = {str(one.decision.cause) for one in found}
        kept = number * (number - 1)
        assert counts == {"kept": kept, "due": 0, "broken": 0, "open": 0}
        assert len(asks) == number - 1
