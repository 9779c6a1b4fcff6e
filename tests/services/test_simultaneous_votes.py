"""Votes on the same seats that arrive together: the database decides, nobody gets an error."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from django.db import connection
from django.utils import timezone
from psycopg import OperationalError
from psycopg.conninfo import make_conninfo

from stimme.apps.accounts.models import User
from stimme.apps.ballot import services as ballot
from stimme.apps.ballot.casting import Cast, Vote
from stimme.apps.ballot.door.stores import PostgresStore
from stimme.apps.ballot.errors import BallotError, ChangedTooOften, NothingToWithdraw
from stimme.apps.ballot.models import Seat, Tally
from stimme.apps.ballot.recounting import wrong_tallies
from stimme.apps.ballot.seats import seats_of
from stimme.apps.ballot.selectors import count_of
from stimme.apps.ballot.services import cast_batch
from stimme.apps.causes.models import Cause
from stimme.engines.translog import VoteLine, b64, hour_of
from tests.house import SESSION, lines, version_of

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(clicks: list[tuple[str, str]]) -> list[Cast]:
    """Cast (paper, choice) pairs in threads that start together."""
    start = threading.Barrier(len(clicks))

    def click(one: tuple[str, str]) -> Cast:
        paper, choice = one
        start.wait()
        try:
            return ballot.cast_vote(paper=paper, session=SESSION, choice=choice)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clicks)) as pool:
        return list(pool.map(click, clicks))


def test_a_double_click_is_one_vote(cause: Cause, charlie: User) -> None:
    paper = ballot.issue_paper(user=charlie, session=SESSION, cid=version_of(cause).cid)
    casts = at_once([(paper, "for")] * 6)
    assert [cast.seq for cast in casts] == [0] * 6
    assert sum(cast.changed for cast in casts) == 1
    assert len(lines(kind="vote")) == Seat.objects.count() == 1


def test_for_and_against_together_end_as_one_choice(cause: Cause, charlie: User) -> None:
    cid = version_of(cause).cid
    paper = ballot.issue_paper(user=charlie, session=SESSION, cid=cid)
    at_once([(paper, choice) for choice in ["for", "against"] * 3])
    seat = Seat.objects.get()
    votes = [VoteLine.parse(line) for line in lines(kind="vote")]
    assert [vote.seq for vote in votes] == list(range(seat.seq + 1))
    assert votes[-1] == seat.line
    assert count_of(cid).voters == 1


def test_first_votes_of_many_people_all_count(cause: Cause) -> None:
    cid = version_of(cause).cid
    voters = [User.objects.create_user(f"voter{number}@example.org") for number in range(6)]
    papers = [ballot.issue_paper(user=user, session=SESSION, cid=cid) for user in voters]
    at_once([(paper, "against") for paper in papers])
    assert count_of(cid).votes_against == Seat.objects.count() == 6


SEATS = [b64(number.to_bytes(16, "big")) for number in range(60)]
Answers = list[Cast | BallotError]


def batch(cid: str, choice: str, seats: Sequence[str]) -> list[Vote]:
    return [Vote(cid, p, choice, 0, hour_of(timezone.now())) for p in seats]


def together(*steps: Callable[[], Answers]) -> list[Answers]:
    start = threading.Barrier(len(steps))

    def run(step: Callable[[], Answers]) -> Answers:
        start.wait()
        try:
            return step()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def assert_one_came_after_the_other(cid: str, one: Answers, other: Answers) -> None:
    """Both answers are true: each line is there, the later one is what the seat holds."""
    written = set(lines(kind="vote"))
    held = seats_of([(cid, p) for p in SEATS])
    for first, second in zip(one, reversed(other), strict=True):
        assert isinstance(first, Cast)
        assert isinstance(second, Cast)
        earlier, later = sorted([first, second], key=lambda cast: cast.seq)
        assert (earlier.seq, later.seq, earlier.changed, later.changed) == (0, 1, True, True)
        assert {earlier.line, later.line} <= written
        vote = VoteLine.parse(later.line)
        assert held[cid, vote.pseudonym].text == later.line
    assert len(written) == 2 * len(SEATS)
    assert wrong_tallies() == []


def test_two_batches_that_make_the_same_seats_follow_one_another(cause: Cause) -> None:
    cid = version_of(cause).cid
    votes, backwards = batch(cid, "for", SEATS), batch(cid, "against", SEATS[::-1])
    one, other = together(lambda: cast_batch(votes), lambda: cast_batch(backwards))
    assert_one_came_after_the_other(cid, one, other)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one door")
def test_two_doors_that_make_the_same_seats_follow_one_another(cause: Cause) -> None:
    cid = version_of(cause).cid
    doors = [PostgresStore(address(), 600) for _ in range(2)]
    votes, backwards = batch(cid, "for", SEATS), batch(cid, "against", SEATS[::-1])
    try:
        one, other = together(
            lambda: asyncio.run(doors[0].cast(votes)),
            lambda: asyncio.run(doors[1].cast(backwards)),
        )
    finally:
        for door in doors:
            door.close()
    assert_one_came_after_the_other(cid, one, other)
    assert set(Tally.objects.values_list("door", flat=True)) == {door.door for door in doors}


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one door")
def test_a_storm_at_two_doors_and_a_page_leaves_one_history(cause: Cause) -> None:
    """Small batches that overlap, change and withdraw, in orders that would wait in a ring."""
    cid = version_of(cause).cid
    doors = [PostgresStore(address(), 600) for _ in range(2)]

    def storm(cast: Callable[[list[Vote]], Answers], seed: int) -> Answers:
        random, answers = Random(seed), []
        for _ in range(25):
            seats = random.sample(SEATS, 12)
            choice = random.choice(["for", "against", "withdrawn"])
            answers += cast(batch(cid, choice, seats))
        return answers

    try:
        storms = together(
            lambda: storm(lambda votes: asyncio.run(doors[0].cast(votes)), 1),
            lambda: storm(lambda votes: asyncio.run(doors[1].cast(votes)), 2),
            lambda: storm(cast_batch, 3),
        )
    finally:
        for door in doors:
            door.close()
    changes = [one for answers in storms for one in answers if isinstance(one, Cast)]
    written = lines(kind="vote")
    assert sorted(one.line for one in changes if one.changed) == sorted(written)
    assert {one.line for one in changes} == set(written)
    refusals = {type(one) for answers in storms for one in answers} - {Cast}
    assert refusals <= {NothingToWithdraw, ChangedTooOften}
    assert wrong_tallies() == []
    assert_numbered_without_gaps(written)


def assert_numbered_without_gaps(written: Sequence[str]) -> None:
    """In the order of commit each seat counts 0, 1, 2 …"""
    due: Counter[str] = Counter()
    for vote in map(VoteLine.parse, written):
        assert vote.seq == due[vote.pseudonym]
        due[vote.pseudonym] += 1


def address() -> str:
    """How a process of its own reaches the database of this test."""
    connection.ensure_connection()
    password = connection.settings_dict["PASSWORD"]
    return make_conninfo(connection.connection.info.dsn, password=password)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite is part of the door")
def test_a_door_that_nobody_votes_at_sees_the_tallies_again_after_a_lost_connection(
    cause: Cause,
) -> None:
    cid = version_of(cause).cid
    door = PostgresStore(address(), 600)
    try:
        asyncio.run(door.cast(batch(cid, "for", SEATS)))
        before = asyncio.run(door.fingerprints({cid}))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        with pytest.raises(OperationalError):
            asyncio.run(door.fingerprints({cid}))
        assert asyncio.run(door.fingerprints({cid})) == before
    finally:
        door.close()
