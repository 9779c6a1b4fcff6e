"""The door's core over the real database: whoever is answered is told the truth."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from stimme.apps.ballot.casting import Cast, Vote
from stimme.apps.ballot.door.core import Door
from stimme.apps.ballot.door.stores import (
    AnotherDoor,
    PostgresStore,
    SqliteStore,
    refuse_unsafe,
)
from stimme.apps.ballot.errors import BallotError, Busy
from stimme.apps.ballot.models import PendingLine, Promise, Seat
from stimme.apps.ballot.recounting import wrong_tallies
from stimme.apps.ballot.seats import seats_of
from stimme.apps.ballot.services import cast_batch
from stimme.apps.ballot.tables import PostgresTables
from stimme.apps.causes.models import Cause
from stimme.config import Config
from stimme.engines.translog import VoteLine, b64, hour_of
from tests.house import lines, version_of
from tests.services.test_simultaneous_votes import address

pytestmark = pytest.mark.django_db(transaction=True)
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite has one door")
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has no kept plans"
)
PEOPLE = [b64(number.to_bytes(16, "big")) for number in range(12)]
Store = SqliteStore | PostgresStore


def database() -> Path:
    return Path(connection.settings_dict["NAME"])


def stores() -> list[Store]:
    """Two of them, or on SQLite one."""
    if connection.vendor == "sqlite":
        return [SqliteStore(database(), 600)]
    return [PostgresStore(address(), 600) for _ in range(2)]


@asynccontextmanager
async def doors(of: Sequence[Store], room: int) -> AsyncIterator[list[Door]]:
    """Doors at work."""
    opened = [Door(store, "stimme.example/log", room=room) for store in of]
    serving = [asyncio.ensure_future(door.serve()) for door in opened]
    try:
        yield opened
    finally:
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        for store in of:
            store.close()


def ballot(cid: str, p: str, choice: str) -> Vote:
    return Vote(cid, p, choice, 0, hour_of(timezone.now()))


@pytest.mark.parametrize("seed", range(3))
def test_whatever_order_votes_arrive_in_every_answer_holds(cause: Cause, seed: int) -> None:
    """Few seats, many votes; some voters leave, some are turned away; two doors if possible."""
    cid, random, told = version_of(cause).cid, Random(seed), list[Cast]()

    async def one(door: Door) -> None:
        for _ in range(random.randint(0, 5)):
            await asyncio.sleep(0)
        choice = random.choice(["for", "against", "withdrawn"])
        asking = asyncio.ensure_future(door.cast(ballot(cid, random.choice(PEOPLE), choice)))
        if random.random() < 0.2:
            await asyncio.sleep(random.choice([0, 0.002]))
            asking.cancel()
        with suppress(BallotError, asyncio.CancelledError):
            told.append(await asking)

    async def storm(of: Sequence[Store]) -> None:
        async with doors(of, room=40) as opened:
            for _ in range(6):
                await asyncio.gather(*(one(random.choice(opened)) for _ in range(60)))

    asyncio.run(storm(stores()))
    written = lines(kind="vote")
    assert {cast.line for cast in told} <= set(written)
    assert Counter(cast.line for cast in told if cast.changed).most_common(1)[0][1] == 1
    last: dict[str, VoteLine] = {}
    for vote in map(VoteLine.parse, written):
        due = last[vote.pseudonym].seq + 1 if vote.pseudonym in last else 0
        assert vote.seq == due
        last[vote.pseudonym] = vote
    held = seats_of([(cid, p) for p in PEOPLE])
    assert {p: seat.text for (_, p), seat in held.items()} == {p: str(last[p]) for p in last}
    assert wrong_tallies() == []


class Failing(SqliteStore):
    """One statement fails once, before the database has done it or after."""

    def __init__(self, statement: str, *, after: bool) -> None:
        super().__init__(database(), 600)
        self.statement, self.after = statement, after

    async def _begin(self) -> None:
        await self._fail_once("BEGIN IMMEDIATE", super()._begin())

    async def _in_thread(self, statement: str) -> None:
        await self._fail_once(statement, super()._in_thread(statement))

    async def _fail_once(self, statement: str, doing: Coroutine[Any, Any, None]) -> None:
        fails = statement == self.statement
        if fails and not self.after:
            doing.close()
        else:
            await doing
        if fails:
            self.statement = ""
            raise sqlite3.OperationalError("disk I/O error")


@on_sqlite
@pytest.mark.parametrize("statement", ["BEGIN IMMEDIATE", "COMMIT"])
@pytest.mark.parametrize("after", [False, True])
def test_a_failed_commit_is_answered_with_busy_and_asking_again_tells_what_counts(
    cause: Cause, statement: str, *, after: bool
) -> None:
    cid = version_of(cause).cid
    votes = [ballot(cid, p, "for") for p in PEOPLE]
    stored = len(PEOPLE) if (statement, after) == ("COMMIT", True) else 0

    async def story() -> None:
        store = Failing(statement, after=after)
        door = Door(store, "stimme.example/log")
        serving = asyncio.ensure_future(door.serve())
        first = await asyncio.gather(*map(door.cast, votes), return_exceptions=True)
        assert [type(one) for one in first] == [Busy] * len(PEOPLE)
        again = await asyncio.gather(*map(door.cast, votes))
        assert [(one.seq, one.changed) for one in again] == [(0, not stored)] * len(PEOPLE)
        serving.cancel()
        store.close()

    asyncio.run(story())
    assert [Seat.objects.count(), Promise.objects.count()] == [len(PEOPLE), 1]
    assert PendingLine.objects.filter(kind="vote").count() == len(PEOPLE)
    assert wrong_tallies() == []


@on_sqlite
def test_a_batch_waits_for_another_writer_while_everything_else_goes_on(cause: Cause) -> None:
    vote = ballot(version_of(cause).cid, PEOPLE[0], "for")

    async def story() -> None:
        async with doors([SqliteStore(database(), 600)], room=10) as [door]:
            with closing(sqlite3.connect(database(), isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                asking = asyncio.ensure_future(door.cast(vote))
                for _ in range(100):
                    await asyncio.sleep(0)
                assert not asking.done()
                other.execute("ROLLBACK")
            assert (await asking).changed

    asyncio.run(story())
    assert Seat.objects.count() == 1


@on_postgresql
def test_the_door_looks_seats_up_by_their_key_however_few_there_seem_to_be(cause: Cause) -> None:
    """A plan is made from statistics of a moment ago: in a storm that is another age."""
    cid, people = version_of(cause).cid, [b64(number.to_bytes(16, "big")) for number in range(500)]
    cast_batch([ballot(cid, p, "for") for p in people])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ballot_seat")
    store, tables = PostgresStore(address(), 600), PostgresTables()
    with store._open().cursor() as cursor:  # noqa: SLF001
        explain = f"EXPLAIN {tables._LOCKED_SEATS}"  # noqa: SLF001
        cursor.execute(explain, [[cid] * len(people), people])
        plan = " ".join(row[0] for row in cursor.fetchall())
    store.close()
    assert [plan.count(one) for one in ("Seq Scan", "Index Scan")] == [0, 1]


@on_sqlite
def test_a_second_door_is_refused_as_long_as_the_first_is_open(cause: Cause) -> None:
    settings = Config(database_url=f"sqlite://{database()}")
    first = SqliteStore(database(), 600)
    with pytest.raises(AnotherDoor, match="SQLite has one writer"):
        refuse_unsafe(settings)
    with pytest.raises(AnotherDoor, match="SQLite has one writer"):
        SqliteStore(database(), 600)
    first.close()
    refuse_unsafe(settings)
