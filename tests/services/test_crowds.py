"""Many who sign in from one network: some are let in, others prove work or wait for a turn."""

import json
import time
from contextlib import suppress

import pytest
from altcha import Challenge, Payload, solve_challenge
from pytest_django import Settings

from stimme.apps.accounts import proof_of_work, turns
from stimme.apps.accounts.crowds import BusyNetwork, TurnLater, is_busy, let_in
from stimme.apps.accounts.turns import TooManyWaiting

pytestmark = pytest.mark.django_db
SCHOOL = "192.0.2.7/32"
NOW = 1_800_000_000.0


@pytest.fixture(autouse=True)
def _two_a_minute(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STIMME = settings.STIMME.model_copy(update={"sign_ins_per_minute": 2})
    monkeypatch.setattr(proof_of_work, "ROUNDS", 10)
    later(monkeypatch, 0)


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr("time.time", lambda: NOW + seconds)


def work() -> str:
    asked = Challenge.from_dict(json.loads(proof_of_work.challenge()))
    solution = solve_challenge(asked)
    assert solution
    return Payload(asked, solution).to_base64()


def fill() -> None:
    for _ in range(2):
        let_in(network=SCHOOL)


def rush() -> None:
    """Come in such numbers that the next one is asked for more."""
    with suppress(BusyNetwork):
        while True:
            let_in(network=SCHOOL)


def ask_to_wait() -> TurnLater:
    with pytest.raises(TurnLater) as told:
        let_in(network=SCHOOL, wait=True)
    return told.value


def test_the_first_are_let_in_and_the_next_is_asked_for_more() -> None:
    assert not is_busy(network=SCHOOL)
    fill()
    assert is_busy(network=SCHOOL)
    with pytest.raises(BusyNetwork):
        let_in(network=SCHOOL)


def test_other_networks_notice_nothing() -> None:
    fill()
    let_in(network="192.0.2.8/32")


def test_a_minute_later_all_is_calm_again(monkeypatch: pytest.MonkeyPatch) -> None:
    fill()
    later(monkeypatch, 60)
    fill()


def test_any_number_get_in_with_a_proof_of_work_each() -> None:
    fill()
    for _ in range(5):
        let_in(network=SCHOOL, work=work())


def test_a_proof_lets_one_in() -> None:
    fill()
    shown = work()
    let_in(network=SCHOOL, work=shown)
    with pytest.raises(BusyNetwork):
        let_in(network=SCHOOL, work=shown)


def test_a_wrong_proof_is_no_harm_while_the_network_is_calm() -> None:
    let_in(network=SCHOOL, work="x")


def test_who_waits_is_told_how_long_and_then_gets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    fill()
    turn = ask_to_wait()
    assert turn.seconds == 30
    later(monkeypatch, 12)
    with pytest.raises(TurnLater) as told:
        let_in(network=SCHOOL, ticket=turn.ticket)
    assert (told.value.seconds, told.value.ticket) == (18, turn.ticket)
    later(monkeypatch, 30)
    let_in(network=SCHOOL, ticket=turn.ticket)


def test_turns_come_one_after_the_other() -> None:
    fill()
    assert [ask_to_wait().seconds for _ in range(4)] == [30, 60, 90, 120]


def test_a_turn_stands_though_others_keep_coming(monkeypatch: pytest.MonkeyPatch) -> None:
    fill()
    turn = ask_to_wait()
    for seconds in range(0, 600, 5):
        later(monkeypatch, seconds)
        rush()
    let_in(network=SCHOOL, ticket=turn.ticket)


def test_a_turn_lets_one_in(monkeypatch: pytest.MonkeyPatch) -> None:
    fill()
    turns_ = [ask_to_wait() for _ in range(4)]
    later(monkeypatch, 40)
    let_in(network=SCHOOL, ticket=turns_[0].ticket)
    with pytest.raises(BusyNetwork):
        let_in(network=SCHOOL, ticket=turns_[0].ticket)


def test_a_turn_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    fill()
    turn = ask_to_wait()
    later(monkeypatch, 30 + turns.KEPT + 1)
    fill()
    with pytest.raises(BusyNetwork):
        let_in(network=SCHOOL, ticket=turn.ticket)


def test_a_turn_cannot_be_taken_before_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    fill()
    turn = ask_to_wait()
    assert not turns.is_taken_now(turn.ticket)
    later(monkeypatch, 30)
    assert [turns.is_taken_now(turn.ticket) for _ in range(2)] == [True, False]


@pytest.mark.parametrize("ticket", ["x", "a:b:c", "WzAsIngiXQ:1vMabc:AAAA", "\x00", "é"])
def test_a_ticket_of_ones_own_is_worth_nothing(ticket: str) -> None:
    fill()
    with pytest.raises(BusyNetwork):
        let_in(network=SCHOOL, ticket=ticket)


def test_the_queue_is_no_longer_than_half_an_hour() -> None:
    fill()
    waits = [ask_to_wait().seconds for _ in range(60)]
    assert waits[-1] == turns.LONGEST_WAIT
    with pytest.raises(TooManyWaiting):
        let_in(network=SCHOOL, wait=True)


def test_a_thousand_pupils_are_all_let_in_within_seconds(settings: Settings) -> None:
    """With the default of sixty a minute: the others' browsers show a proof each."""
    settings.STIMME = settings.STIMME.model_copy(update={"sign_ins_per_minute": 60})
    began = time.perf_counter()
    let_in_at_once = 0
    for _ in range(100):
        try:
            let_in(network=SCHOOL)
            let_in_at_once += 1
        except BusyNetwork:
            let_in(network=SCHOOL, work=work())
    assert (let_in_at_once, time.perf_counter() - began < 30) == (60, True)
