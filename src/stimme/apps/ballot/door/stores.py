"""The two databases behind the door: one transaction for a batch, on a connection of its own."""

import asyncio
import fcntl
import sqlite3
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import psycopg

from stimme.apps.ballot.casting import Cast, Vote, cast
from stimme.apps.ballot.door.core import StoreFailed
from stimme.apps.ballot.errors import BallotError
from stimme.apps.ballot.tables import PostgresTables, SqliteTables
from stimme.config import SQLITE_DURABLE, Config

Answers = list[Cast | BallotError]
_TRIES = 5
_BEGIN = "BEGIN IMMEDIATE"
_PATIENCE = 20_000  # milliseconds that a batch waits for another writer
_PRIMARY_CODE = 0xFF  # of SQLite's errors; the rest of the number is detail
_MOST_DOORS = 1000
# Plans are made once, when there is hardly a seat, and kept while there are more and more.
_NEVER_BY_READING_A_WHOLE_TABLE = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
_LOCK = 0x5354494D  # "STIM": the class of our advisory locks


class DoorRefused(Exception):
    """No votes can be taken here; the text says why."""


class AnotherDoor(DoorRefused):
    """Another door already writes to this database."""


class NotDurable(DoorRefused):
    """The database says that a vote is stored before it is."""


class SqliteStore:
    """One writer. Only what waits for the disk runs in a thread.

    The statements between BEGIN and COMMIT let go of the interpreter's lock for a moment
    each; in a thread they would wait for it each time.
    """

    door = 1

    def __init__(self, path: Path, keep: int) -> None:
        self._path, self._keep = path, keep
        self._lock = _only_door(path)
        self._tables = SqliteTables("?")
        self._thread = ThreadPoolExecutor(1, "commit")
        self._cursor = self._connect()
        self._reading = ThreadPoolExecutor(1, "read")
        self._read_cursor = self._connect()

    def _connect(self) -> sqlite3.Cursor:
        connection = sqlite3.connect(
            self._path, timeout=0, isolation_level=None, check_same_thread=False
        )
        # A larger cache and rarer checkpoints: a storm touches pages all over the table.
        connection.executescript(
            f"{SQLITE_DURABLE} PRAGMA foreign_keys=ON;"
            "PRAGMA cache_size=-32768; PRAGMA wal_autocheckpoint=4000;"
        )
        return connection.cursor()

    async def cast(self, votes: Sequence[Vote]) -> Answers:
        """As in `Store`."""
        try:
            await self._begin()
            deadline = int(time.time()) + self._keep
            answers = cast(self._cursor, self._tables, votes, deadline=deadline, door=self.door)
            await self._in_thread("COMMIT")
        except sqlite3.Error as error:
            self._begin_anew()
            raise StoreFailed(str(error)) from error
        return answers

    async def _begin(self) -> None:
        """Begin at once, or where somebody else writes wait in the thread: the loop goes on."""
        try:
            self._cursor.execute(_BEGIN)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY:
                raise
            await self._in_thread(f"PRAGMA busy_timeout={_PATIENCE}")
            await self._in_thread(_BEGIN)
            self._cursor.execute("PRAGMA busy_timeout=0")

    async def _in_thread(self, statement: str) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._cursor.execute, statement)

    async def fingerprints(self, cids: Collection[str]) -> Mapping[str, int]:
        """As in `Tables`, on a connection that never waits for a writer."""
        loop = asyncio.get_running_loop()
        look = self._tables.fingerprints
        return await loop.run_in_executor(self._reading, look, self._read_cursor, cids)

    def _begin_anew(self) -> None:
        """Nothing of a failed transaction is left in memory: the connection goes with it."""
        try:
            self._cursor.connection.close()
        finally:
            self._cursor = self._connect()

    def close(self) -> None:
        for thread in (self._thread, self._reading):
            thread.shutdown()
        self._cursor.connection.close()
        self._read_cursor.connection.close()
        self._lock.close()


def _only_door(path: Path) -> IO[str]:
    """Two writers starve each other, so a second door is refused. Raises AnotherDoor."""
    lock = path.with_name(f"{path.name}.door").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise AnotherDoor(
            f"Another door writes to {path}. SQLite has one writer: stop the other, or use "
            "PostgreSQL for several."
        ) from error
    return lock


class PostgresStore:
    """One of several doors. Its number, held by an advisory lock, names its tally rows."""

    def __init__(self, conninfo: str, keep: int) -> None:
        self._conninfo, self._keep = conninfo, keep
        self._tables = PostgresTables()
        self._thread = ThreadPoolExecutor(1, "commit")
        self._connection, self.door = self._connect()

    def _connect(self) -> tuple[psycopg.Connection[Any], int]:
        connection = _connected(self._conninfo)
        for number in range(1, _MOST_DOORS):
            row = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (_LOCK, number))
            if row.fetchone() == (True,):
                return connection, number
        raise AnotherDoor(f"There are {_MOST_DOORS} doors to this database already.")

    async def cast(self, votes: Sequence[Vote]) -> Answers:
        """As in `Store`. All of it waits for the network, so all of it runs in a thread."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, self._cast, votes)
        except psycopg.Error as error:
            raise StoreFailed(str(error)) from error

    def _open(self) -> psycopg.Connection[Any]:
        """The connection, or another where it was lost."""
        if self._connection.closed:
            self._connection, self.door = self._connect()
        return self._connection

    def _cast(self, votes: Sequence[Vote]) -> Answers:
        for _ in range(_TRIES + len(votes)):
            try:
                return self._cast_once(votes)
            except (psycopg.errors.UniqueViolation, psycopg.errors.DeadlockDetected):
                continue  # another door made one of these seats at this moment: one less is new
        return self._cast_once(votes)

    def _cast_once(self, votes: Sequence[Vote]) -> Answers:
        deadline = int(time.time()) + self._keep
        connection = self._open()
        with connection.transaction(), connection.cursor() as cursor:
            return cast(cursor, self._tables, votes, deadline=deadline, door=self.door)

    async def fingerprints(self, cids: Collection[str]) -> Mapping[str, int]:
        """As in `Tables`, between two batches."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._fingerprints, cids)

    def _fingerprints(self, cids: Collection[str]) -> Mapping[str, int]:
        with self._open().cursor() as cursor:
            return self._tables.fingerprints(cursor, cids)

    def close(self) -> None:
        self._thread.shutdown()
        self._connection.close()


def _connected(conninfo: str) -> psycopg.Connection[Any]:
    """Connect. Raises NotDurable where a commit would not wait for the disk."""
    # A database host that has vanished is noticed after this many milliseconds.
    connection = psycopg.connect(
        conninfo, autocommit=True, connect_timeout=10, tcp_user_timeout=10_000
    )
    for way in _NEVER_BY_READING_A_WHOLE_TABLE:
        connection.execute(f"SET {way} = off")
    row = connection.execute("SELECT current_setting('synchronous_commit')").fetchone()
    if row == ("off",):
        connection.close()
        raise NotDurable(
            "PostgreSQL's synchronous_commit is off for this database or user: a vote would be "
            "acknowledged before it is on disk. Set it on."
        )
    return connection


def refuse_unsafe(settings: Config) -> None:
    """Raises DoorRefused where `store_of` would, before anything is started."""
    database = settings.database()
    if database["ENGINE"].endswith("sqlite3"):
        _only_door(Path(database["NAME"])).close()
    else:
        _connected(settings.database_url).close()


def store_of(settings: Config) -> SqliteStore | PostgresStore:
    """Open the store of an instance. Raises DoorRefused."""
    keep = settings.promise_deadline
    if settings.database()["ENGINE"].endswith("postgresql"):
        return PostgresStore(settings.database_url, keep)
    return SqliteStore(Path(settings.database()["NAME"]), keep)
