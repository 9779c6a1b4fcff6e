"""The paragraph on top of the ledger: what can be said of all votes, and nothing more."""

import datetime as dt
from dataclasses import asdict

import pytest

from stimme.apps.accounts.models import User
from stimme.apps.ballot.reasons import Reason
from stimme.apps.ballot.selectors import own_seats
from stimme.apps.ballot.services import annul
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, revise_cause
from stimme.apps.ledger import summary
from stimme.apps.ledger.selectors import ledger_of
from stimme.apps.ledger.summary import summary_of
from stimme.apps.organisations.commitments import record_commitment, record_status
from stimme.apps.organisations.models import Decision, Organisation, Result
from stimme.apps.organisations.services import record_decision
from tests.house import start_cause, version_of, vote
from tests.visitors import text_of, visitor


def counted(user: User) -> dict[str, int]:
    """The numbers that are not zero."""
    found = asdict(summary_of(ledger_of(user=user)))
    return {name: number for name, number in found.items() if number}


DAY = dt.date(2026, 11, 2)


def decide(by: User, cause: Cause, result: Result) -> Decision:
    return record_decision(
        by=by, cause=cause, result=result, summary="So.", source_url="", decided_on=DAY
    )


def test_one_vote_and_nothing_else(cause: Cause, charlie: User) -> None:
    vote(charlie, cause, "for")
    assert counted(charlie) == {"causes": 1, "few": 1}
    html = text_of(visitor(charlie).get("/votes/"))
    for sentence in [
        "You voted on 1 cause.",
        "Nothing was decided yet.",
        "In 1 cause you are one of fewer than 100 voters.",
    ]:
        assert sentence in html


@pytest.mark.parametrize(
    "choice, result, fate",
    [
        ("for", Result.GRANTED, "as_asked"),
        ("for", Result.PARTLY, "partly"),
        ("for", Result.DECLINED, "otherwise"),
        ("against", Result.GRANTED, "otherwise"),
        ("against", Result.PARTLY, "partly"),
        ("against", Result.DECLINED, "as_asked"),
        ("for", Result.ALREADY_SO, ""),
        ("against", Result.ALREADY_SO, ""),
    ],
)
def test_how_a_decision_went_depends_on_what_was_asked(
    cause: Cause, bob: User, charlie: User, choice: str, result: Result, fate: str
) -> None:
    vote(charlie, cause, choice)
    decide(bob, cause, result)
    went = {fate: 1} if fate else {}
    assert counted(charlie) == {"causes": 1, "few": 1, "decided": 1, "unanswered": 1, **went}


HELPED = {"kept": 1, "overdue": 1, "broken": 1}


@pytest.mark.parametrize(
    "choice, result, helped",
    [
        ("for", Result.GRANTED, HELPED),
        ("for", Result.PARTLY, HELPED),
        ("for", Result.DECLINED, {}),
        ("against", Result.GRANTED, {}),
        ("against", Result.PARTLY, {}),
        ("against", Result.DECLINED, HELPED),
    ],
)
def test_commitments_are_counted_for_those_who_helped_to_obtain_them(
    cause: Cause, bob: User, charlie: User, choice: str, result: Result, helped: dict[str, int]
) -> None:
    vote(charlie, cause, choice)
    decision = decide(bob, cause, result)
    proof = "https://example.org/shelf"
    for what in ("open", "overdue", "kept", "broken"):
        due = dt.date(2100, 1, 1) if what == "open" else DAY + dt.timedelta(days=1)
        one = record_commitment(
            by=bob, decision=decision, what=f"This is {what}.", due_on=due, how_seen="One sees."
        )
        if what in {"kept", "broken"}:
            record_status(
                by=bob, commitment=one, status=what, note="So.", since=DAY, evidence_url=proof
            )
    numbers = counted(charlie)
    assert {name: numbers[name] for name in ("kept", "overdue", "broken") if name in numbers} == (
        helped
    )
    html = text_of(visitor(charlie).get("/votes/"))
    sentence = "1 commitment that you helped to obtain is overdue."
    assert html.count(sentence) == bool(helped)
    assert html.count("The organisation committed itself") == 4


def test_no_decision_is_none(cause: Cause, bob: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    decide(bob, cause, Result.NO_DECISION)
    assert counted(charlie) == {"causes": 1, "few": 1, "unanswered": 1}


def test_votes_that_do_not_count_are_told_apart(
    cause: Cause, alice: User, bob: User, charlie: User, shop: Organisation
) -> None:
    second, third = (start_cause(alice, shop, f"Bring back Product {name}") for name in "YZ")
    for one in (cause, second, third):
        vote(charlie, one, "for")
    vote(charlie, cause, "withdrawn")
    cid = version_of(second).cid
    annul(cid=cid, pseudonyms=[own_seats(user=charlie, cids=[cid])[cid].p], reason=Reason.TEST)
    decide(bob, cause, Result.GRANTED)
    decide(bob, second, Result.GRANTED)
    assert counted(charlie) == {"causes": 1, "few": 1, "withdrawn": 1, "annulled": 1}


def test_versions_of_a_cause_are_one_cause(cause: Cause, alice: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    revise_cause(by=alice, cause=cause, demand=Demand("Bring back Product X soon", "en"))
    assert counted(charlie) == {"causes": 1, "few": 1, "unanswered": 1}
    vote(charlie, cause, "against")
    assert counted(charlie) == {"causes": 1, "few": 1}


def test_many_voters_are_not_few(
    cause: Cause, charlie: User, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summary, "FEW", 2)
    vote(charlie, cause, "for")
    assert counted(charlie) == {"causes": 1, "few": 1}
    vote(alice, cause, "against")
    assert counted(charlie) == {"causes": 1}


def test_what_asks_comes_first(
    cause: Cause, alice: User, bob: User, charlie: User, shop: Organisation
) -> None:
    vote(charlie, cause, "for")
    decide(bob, cause, Result.GRANTED)
    second = start_cause(alice, shop, "Bring back Product Y")
    vote(charlie, second, "for")
    asked = [entry.asks.kind if entry.asks else "" for entry in ledger_of(user=charlie)]
    assert asked == ["decision", ""]
    html = text_of(visitor(charlie).get("/votes/"))
    assert html.count("Do you stand by your vote?") == 1
    assert "1 vote asks whether you still stand by it." in html
