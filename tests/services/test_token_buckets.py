"""Limits: token buckets in the database, the same for every process and thread."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from stimme.apps.accounts.forgetting import forget_old_counts
from stimme.apps.accounts.limits import Rate, is_empty, reserve, take, take_code
from stimme.apps.accounts.models import Bucket

pytestmark = pytest.mark.django_db
RATE = Rate(burst=3, every=10)
NOW = 1_800_000_000.0


class Clock:
    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("time.time", clock)
    return clock


def takes(number: int, key: str = "alice", rate: Rate = RATE) -> list[bool]:
    return [take(key=key, rate=rate) for _ in range(number)]


def test_a_full_bucket_gives_its_burst_at_once(clock: Clock) -> None:
    assert takes(5) == [True, True, True, False, False]


def test_it_fills_again_one_by_one(clock: Clock) -> None:
    takes(3)
    clock.time += 8
    assert takes(1) == [False]
    clock.time += 2
    assert takes(2) == [True, False]
    clock.time += 25
    assert takes(3) == [True, True, False]


def test_it_never_holds_more_than_its_burst(clock: Clock) -> None:
    takes(1)
    clock.time += 1_000_000
    assert takes(4) == [True, True, True, False]


def test_asking_an_empty_bucket_does_not_keep_it_empty(clock: Clock) -> None:
    takes(3)
    takes(100)
    clock.time += 10
    assert takes(2) == [True, False]


def test_every_key_has_its_own(clock: Clock) -> None:
    takes(3)
    assert takes(1, "bob") == [True]


def test_whether_it_is_empty_is_what_taking_would_say(clock: Clock) -> None:
    for seconds in [0, 0, 0, 0, 5, 5, 0, 1000]:
        clock.time += seconds
        empty = is_empty(key="alice", rate=RATE)
        assert take(key="alice", rate=RATE) is not empty


def test_looking_takes_nothing(clock: Clock) -> None:
    assert [is_empty(key="alice", rate=RATE) for _ in range(9)] == [False] * 9
    assert not Bucket.objects.exists()


def test_who_reserves_is_told_when(clock: Clock) -> None:
    waits = [reserve(key="alice", rate=RATE, longest=25) for _ in range(7)]
    assert waits == [0, 0, 0, 10, 20, None, None]
    assert takes(1) == [False]
    clock.time += 20
    assert takes(1) == [False]
    clock.time += 10
    assert takes(2) == [True, False]


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_as_many_get_one_as_there_are() -> None:
    start = threading.Barrier(12)

    def grab(_number: int) -> bool:
        start.wait()
        try:
            return take(key="school", rate=Rate(burst=5, every=3600))
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(grab, range(12))) == [False] * 7 + [True] * 5


def test_of_two_clocks_the_slower_one_is_not_refused(clock: Clock) -> None:
    takes(2)
    clock.time -= 0.5
    assert takes(2) == [True, False]


def test_nobody_is_held_back_where_the_clock_was_a_day_ahead(clock: Clock) -> None:
    takes(3)
    clock.time -= 24 * 3600
    assert not is_empty(key="alice", rate=RATE)
    assert takes(4) == [True, True, True, False]
    assert is_empty(key="alice", rate=RATE)


def test_the_database_holds_neither_addresses_nor_networks() -> None:
    takes(1, "sign-in:192.0.2.7/32")
    take_code(email="alice@example.org", asked_from="192.0.2.7/32")
    stored = " ".join(Bucket.objects.values_list("key", flat=True))
    assert ("192.0.2.7" in stored, "alice" in stored, "sign-in" in stored) == (False, False, False)


def test_full_buckets_are_forgotten_and_others_are_not(clock: Clock) -> None:
    takes(1, "alice")
    takes(3, "bob")
    clock.time += 15
    forget_old_counts()
    assert Bucket.objects.count() == 1
    assert takes(2, "bob") == [True, False]


def test_forgetting_is_bounded(clock: Clock) -> None:
    for number in range(5):
        takes(1, f"person {number}")
    clock.time += 100
    forget_old_counts(at_most=2)
    assert Bucket.objects.count() == 3


def test_the_codes_of_a_mailbox_are_counted_whichever_address_is_asked_for(clock: Clock) -> None:
    addresses = [f"a.lice+{number}@gmail.com" for number in range(6)]
    assert [take_code(email=email, asked_from="here") for email in addresses] == [True] * 5 + [
        False
    ]


def test_nobody_uses_up_the_codes_of_somebody_else(clock: Clock) -> None:
    """A robot that takes every code it gets, for hours, leaves the owner's to the owner."""
    for _ in range(4 * 60):
        take_code(email="alice@example.org", asked_from="a robot")
        clock.time += 60
    assert [take_code(email="alice@example.org", asked_from="home") for _ in range(6)] == [
        *[True] * 5,
        False,
    ]


def test_a_mailbox_is_not_filled_from_everywhere(clock: Clock) -> None:
    everywhere = [
        take_code(email="alice@example.org", asked_from=str(number)) for number in range(30)
    ]
    assert sum(everywhere) == 20
