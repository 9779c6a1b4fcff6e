"""Tallies are moved by deltas and proven by a recount; a box where they differ is named."""

import time
from collections import Counter
from collections.abc import Callable, Iterable

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stimme.apps.accounts.models import User
from stimme.apps.ballot.casting import Vote, cast
from stimme.apps.ballot.models import Seat, Tally
from stimme.apps.ballot.recounting import recount, wrong_tallies
from stimme.apps.ballot.removals import annul, reinstate
from stimme.apps.ballot.selectors import count_of
from stimme.apps.ballot.tables import tables_of
from stimme.apps.causes.models import Cause
from stimme.engines.translog import b64
from tests.house import start_cause, version_of

HOUR = "2026-11-22T18Z"
SEATS = [b64(bytes([number]) * 16) for number in range(6)]
VK, SIG = "A" * 43, "A" * 86  # the inner step stores what the door has checked

Kind = tuple[int, str, bool, bool]  # level, choice, annulled, keyed


@pytest.fixture
def cid(cause: Cause) -> str:
    return version_of(cause).cid


def custodial(cid: str, seat: int, choice: str, level: int = 0) -> Vote:
    return Vote(cid, SEATS[seat], choice, level, HOUR)


def with_passkey(cid: str, seat: int, choice: str) -> Vote:
    return custodial(cid, seat, choice, level=1)


def keyed(cid: str, seat: int, choice: str) -> Vote:
    """A signed vote with the number that is due before its batch."""
    held = Seat.objects.filter(cid=cid, p=SEATS[seat]).first()
    return Vote(cid, SEATS[seat], choice, 0, HOUR, held.seq + 1 if held else 0, VK, SIG)


KINDS: list[Callable[[str, int, str], Vote]] = [custodial, with_passkey, keyed]


@transaction.atomic
def at_door(door: int, votes: Iterable[Vote]) -> None:
    tables, deadline = tables_of(connection.vendor), int(time.time())
    with connection.cursor() as cursor:
        cast(cursor, tables, list(votes), deadline=deadline, door=door)


def counted_one_by_one(cid: str) -> Counter[Kind]:
    seats = Seat.objects.filter(cid=cid)
    return Counter((one.level, one.choice, bool(one.annulled), bool(one.vk)) for one in seats)


def tallies(cid: str) -> Counter[Kind]:
    sums: Counter[Kind] = Counter()
    for row in Tally.objects.filter(cid=cid):
        sums[row.level, row.choice, row.annulled, row.keyed] += row.number
    return Counter({kind: number for kind, number in sums.items() if number})


CHOICE = st.sampled_from(["for", "against", "withdrawn"])
VOTES = st.lists(st.tuples(st.integers(0, 5), CHOICE, st.integers(0, 2)), max_size=8)
STEP = st.one_of(
    st.tuples(st.just("vote"), st.integers(0, 3), VOTES),
    st.tuples(st.just("annul"), st.sets(st.integers(0, 5))),
    st.tuples(st.just("reinstate"), st.sets(st.integers(0, 5))),
    st.tuples(st.just("recount")),
)


def do(cid: str, action: str, *arguments: object) -> None:
    match action, *arguments:
        case "vote", int(door), list(votes):
            at_door(door, [KINDS[kind](cid, seat, choice) for seat, choice, kind in votes])
        case "annul", set(seats):
            annul(cid=cid, pseudonyms={SEATS[seat] for seat in seats}, reason="bot")
        case "reinstate", set(seats):
            reinstate(cid=cid, pseudonyms={SEATS[seat] for seat in seats})
        case _:
            recount(cid)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(STEP, max_size=12))
def test_after_any_history_at_any_doors_tallies_are_those_of_a_recount(
    cid: str, history: list[tuple[str, object]]
) -> None:
    with transaction.atomic():
        for step in history:
            do(cid, *step)
            assert wrong_tallies() == []
            assert tallies(cid) == counted_one_by_one(cid)
        before = count_of(cid)
        recount(cid)
        assert Tally.objects.exclude(door=0).count() == 0
        assert count_of(cid).voters == before.voters
        transaction.set_rollback(True)


def add_a_tally(cid: str) -> None:
    Tally.objects.create(
        cid=cid, level=2, choice="for", annulled=False, keyed=False, door=7, number=1
    )


CHANGES: dict[str, Callable[[str], object]] = {
    "a tally is one too high": lambda cid: Tally.objects.filter(cid=cid, choice="for").update(
        number=3
    ),
    "a tally is negative": lambda cid: Tally.objects.filter(cid=cid, choice="for").update(
        number=-2
    ),
    "a tally is gone": lambda cid: Tally.objects.filter(cid=cid, choice="against").delete(),
    "all tallies are gone": lambda cid: Tally.objects.filter(cid=cid).delete(),
    "a tally counts nobody": add_a_tally,
    "a tally changed its choice": lambda cid: Tally.objects.filter(cid=cid, choice="for").update(
        choice="withdrawn"
    ),
    "a tally calls votes keyed": lambda cid: Tally.objects.filter(cid=cid, choice="for").update(
        keyed=True
    ),
    "a seat is gone": lambda cid: Seat.objects.filter(cid=cid, p=SEATS[0]).delete(),
    "a seat changed its choice": lambda cid: Seat.objects.filter(cid=cid, p=SEATS[0]).update(
        choice="against"
    ),
    "a seat changed its level": lambda cid: Seat.objects.filter(cid=cid, p=SEATS[0]).update(
        level=3
    ),
    "a seat is annulled in silence": lambda cid: Seat.objects.filter(cid=cid, p=SEATS[0]).update(
        annulled="bot"
    ),
    "a seat got a key": lambda cid: Seat.objects.filter(cid=cid, p=SEATS[0]).update(vk=VK, sig=SIG),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_is_changed_behind_the_ballot_is_named_and_a_recount_repairs_it(
    cid: str, cause: Cause, alice: User, change: Callable[[str], object]
) -> None:
    other = version_of(start_cause(alice, cause.organisation, "Bring back Product Y")).cid
    for box in (cid, other):
        at_door(1, [custodial(box, 0, "for"), custodial(box, 1, "for"), keyed(box, 2, "against")])
    assert wrong_tallies() == []
    change(cid)
    assert wrong_tallies() == [cid]
    recount(cid)
    assert wrong_tallies() == []
    assert tallies(cid) == counted_one_by_one(cid)


def test_numbers_of_two_doors_are_right_together_when_one_is_negative(cid: str) -> None:
    at_door(1, [custodial(cid, 0, "for")])
    at_door(2, [custodial(cid, 0, "against")])
    numbers = Tally.objects.filter(choice="for").order_by("door").values_list("door", "number")
    assert list(numbers) == [(1, 1), (2, -1)]
    assert wrong_tallies() == []
    assert (count_of(cid).votes_for, count_of(cid).votes_against) == (0, 1)


def test_votes_after_a_recount_are_counted_on(cid: str) -> None:
    at_door(1, [custodial(cid, 0, "for"), custodial(cid, 1, "for")])
    recount(cid)
    at_door(1, [custodial(cid, 0, "against")])
    assert (count_of(cid).votes_for, count_of(cid).votes_against) == (1, 1)
    assert wrong_tallies() == []
