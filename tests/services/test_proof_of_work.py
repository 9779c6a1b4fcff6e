"""A proof of work counts when it is right, in time, and new."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from altcha import Challenge, Payload, Solution, create_challenge, solve_challenge

from stimme.apps.accounts import proof_of_work
from stimme.apps.accounts.proof_of_work import challenge, is_proven

pytestmark = pytest.mark.django_db
Change = Callable[[dict[str, Any]], object]


@pytest.fixture(autouse=True)
def _easy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof_of_work, "ROUNDS", 10)


def solve(text: str) -> Payload:
    asked = Challenge.from_dict(json.loads(text))
    solution = solve_challenge(asked)
    assert solution
    return Payload(asked, solution)


def changed(payload: Payload, change: Change) -> str:
    document = payload.to_dict()
    change(document)
    return base64.b64encode(json.dumps(document).encode()).decode()


def test_a_right_answer_is_a_proof() -> None:
    assert is_proven(solve(challenge()).to_base64())


def test_it_counts_once() -> None:
    answer = solve(challenge()).to_base64()
    assert [is_proven(answer) for _ in range(3)] == [True, False, False]


def test_it_counts_once_in_whatever_form_it_comes_again() -> None:
    payload = solve(challenge())
    assert is_proven(payload.to_base64())
    assert not is_proven(changed(payload, lambda document: document.update(more="x")))
    assert not is_proven(changed(payload, lambda document: document["solution"].update(time=1)))


def test_it_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = solve(challenge()).to_base64()
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + proof_of_work.LIFETIME + 1)
    assert not is_proven(answer)


def test_a_used_one_is_remembered_until_it_has_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = solve(challenge()).to_base64()
    assert is_proven(answer)
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + proof_of_work.LIFETIME - 1)
    assert not is_proven(answer)


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document["challenge"]["parameters"].update(cost=1),
        lambda document: document["challenge"]["parameters"].update(expiresAt=2**40),
        lambda document: document["challenge"]["parameters"].update(nonce="00" * 16),
        lambda document: document["challenge"]["parameters"].update(keyPrefix=""),
        lambda document: document["challenge"]["parameters"].pop("keySignature"),
        lambda document: document["challenge"].update(signature="00" * 32),
        lambda document: document["challenge"].pop("signature"),
        lambda document: document["solution"].update(derivedKey="00" * 32),
        lambda document: document["solution"].update(derivedKey=None),
    ],
)
def test_what_was_changed_is_worth_nothing(change: Change) -> None:
    payload = solve(challenge())
    assert not is_proven(changed(payload, change))
    assert is_proven(payload.to_base64())


def test_a_challenge_of_ones_own_is_worth_nothing() -> None:
    own = create_challenge("SHA-256", 1, counter=1, hmac_secret="x", hmac_key_secret="x")
    solution = solve_challenge(own)
    assert solution
    assert not is_proven(Payload(own, solution).to_base64())


def test_the_answer_is_not_in_the_question() -> None:
    asked = Challenge.from_dict(json.loads(challenge()))
    guess = Solution(counter=0, derived_key=asked.parameters.key_prefix)
    assert not is_proven(Payload(asked, guess).to_base64())


@pytest.mark.parametrize(
    "answer",
    ["", "x", "é", "null", "W10=", "e30=", base64.b64encode(b"[" * 50_000).decode(), "\x00"],
)
def test_what_is_no_answer_is_refused_without_an_error(answer: str) -> None:
    assert not is_proven(answer)


def test_the_work_is_never_little_and_never_endless() -> None:
    counters = [solve(challenge()).solution.counter for _ in range(20)]
    assert min(counters) >= proof_of_work.FEWEST
    assert max(counters) < proof_of_work.MOST
