"""The ballot's tables in plain SQL, for the two databases; the models say what they mean."""

import json
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, ClassVar, NamedTuple, Protocol

Rows = Sequence[Sequence[Any]]
SeatKey = tuple[str, str]  # cid, pseudonym
TallyKey = tuple[str, int, str, bool, bool]  # cid, level, choice, annulled, keyed
ReadingKey = tuple[str, str, int]  # cid, choice, packed reading
AnswerKey = tuple[str, int, str]  # cid, edition, pseudonym


class Cursor(Protocol):
    """What SQLite's and PostgreSQL's cursors have in common."""

    def execute(self, query: Any, params: Any = ..., /) -> Any: ...  # noqa: ANN401
    def executemany(self, query: Any, params: Any, /) -> Any: ...  # noqa: ANN401
    def fetchall(self) -> list[Any]: ...
    def fetchone(self) -> Any: ...  # noqa: ANN401


@dataclass(slots=True)
class Held:
    """A row of `ballot_seat`, and `text`: the latest vote line of the seat, made from it."""

    cid: str
    p: str
    seq: int
    choice: str
    level: int
    hour: str
    vk: str
    sig: str
    promise: int
    promise_index: int
    changes: int
    bound_to: str
    annulled: str
    briefed: int
    edition: int
    # Made once: a vote needs it for its leaf, its row and its answer.
    text: str = field(init=False)

    def __post_init__(self) -> None:
        self.text = (
            f"s1 vote {self.cid} {self.p} {self.seq} {self.choice} {self.level} {self.hour} "
            f"{self.vk or '-'} {self.sig or '-'}"
        )

    @property
    def tally(self) -> TallyKey:
        return self.cid, self.level, self.choice, bool(self.annulled), bool(self.vk)


class BoxNow(NamedTuple):
    """What a vote must know of its box; `edition` and hours are as in the model."""

    state: str
    edition: int
    hours_from: str
    hours_to: str

    def concerns(self, held: Held) -> bool:
        """Whether the newest turning point came after this seat's vote, were it withdrawn since."""
        in_time = not self.hours_from or self.hours_from <= held.hour <= self.hours_to
        return self.edition > held.edition and in_time

    def asks(self, held: Held) -> bool:
        """Whether it asks this seat, as it was until now: the vote must count."""
        counts = held.choice != "withdrawn" and not held.annulled
        return counts and self.concerns(held)


@dataclass(frozen=True, slots=True)
class Batch:
    """The lines of one commit, as a promise names them: a deadline, and leaf hashes in order."""

    deadline: int
    leaves: bytes


# Columns with their types in PostgreSQL, in the order of the rows.
_SEAT = {
    "promise_id" if one.name == "promise" else one.name: "bigint" if one.type is int else "text"
    for one in fields(Held)
    if one.init
}
_seat_row = attrgetter(*(one.name for one in fields(Held) if one.init))
_LINE = {"cid": "text", "p": "text", "kind": "text", "text": "text", "deadline": "bigint"}
_ENTRY = {"log_index": "bigint", "cid": "text", "kind": "text", "text": "text", "code": "bigint"}
_TALLY_KEY = {
    "cid": "text",
    "level": "bigint",
    "choice": "text",
    "annulled": "bool",
    "keyed": "bool",
    "door": "bigint",
}
_TALLY = {**_TALLY_KEY, "number": "bigint"}
_HOW_KEY = {"cid": "text", "choice": "text", "reading": "bigint", "door": "bigint"}
_HOW = {**_HOW_KEY, "number": "bigint"}
_ANSWER_KEY = {"cid": "text", "edition": "bigint", "p": "text"}
_ANSWER = {**_ANSWER_KEY, "before": "text", "after": "text"}
_ADD_PROMISE = "INSERT INTO ballot_promise (deadline, leaves) VALUES (%s, %s) RETURNING id"


def _names(columns: Iterable[str]) -> str:
    return ", ".join(columns)


_BOX_COLUMNS = "cid, state, edition, hours_from, hours_to"
_SEAT_COLUMNS = _names(f"seat.{name}" for name in _SEAT)
_ADD_TO_TALLY = (
    f"ON CONFLICT ({_names(_TALLY_KEY)}) "
    "DO UPDATE SET number = ballot_tally.number + excluded.number"
)
_ADD_TO_HOW = (
    f"ON CONFLICT ({_names(_HOW_KEY)}) "
    "DO UPDATE SET number = ballot_howvoted.number + excluded.number"
)
# What was held before the first answer stays, however often the seat changes afterwards.
_LAST_ANSWER = f"ON CONFLICT ({_names(_ANSWER_KEY)}) DO UPDATE SET after = excluded.after"
_CHANGE_ANSWER = "UPDATE ballot_answer SET after = %s WHERE cid = %s AND edition = %s AND p = %s"
_ADD_TO_LINK = "UPDATE ballot_link SET number = number + %s WHERE id = %s"


class Tables(ABC):
    """Reading and writing of a batch; one statement each, however many votes there are.

    `mark` is how the cursor's driver spells a parameter.
    """

    _BOXES: ClassVar[str]
    _SEATS: ClassVar[str]
    _LOCKED_SEATS: ClassVar[str]
    _BATCHES: ClassVar[str]
    _TALLIES: ClassVar[str]
    _DELETE_PENDING: ClassVar[str]

    def __init__(self, mark: str = "%s") -> None:
        self._mark = mark

    @abstractmethod
    def _list(self, values: Collection[Any]) -> Any:  # noqa: ANN401
        """A list as one parameter."""

    @abstractmethod
    def _pairs(self, keys: Sequence[SeatKey]) -> Sequence[Any]:
        """A list of pairs as the parameters of `_SEATS`."""

    @abstractmethod
    def _insert(
        self, cursor: Cursor, table: str, columns: Mapping[str, str], rows: Rows, then: str = ""
    ) -> None:
        """Insert rows, of which there is at least one."""

    @abstractmethod
    def _change_seats(self, cursor: Cursor, rows: Rows) -> None:
        """Make seats that exist be as these rows say."""

    def _spelt(self, query: str) -> str:
        return query.replace("%s", self._mark)

    def boxes(self, cursor: Cursor, cids: Collection[str]) -> dict[str, BoxNow]:
        """The boxes by cid; in PostgreSQL none of them changes before the commit."""
        cursor.execute(self._spelt(self._BOXES), (self._list(sorted(cids)),))
        return {row[0]: BoxNow(*row[1:]) for row in cursor.fetchall()}

    def seats(self, cursor: Cursor, keys: Collection[SeatKey]) -> dict[SeatKey, Held]:
        """Seats that exist among these."""
        return self._seats(cursor, self._SEATS, keys)

    def locked_seats(self, cursor: Cursor, keys: Collection[SeatKey]) -> dict[SeatKey, Held]:
        """The same; nobody else changes them before the commit."""
        return self._seats(cursor, self._LOCKED_SEATS, keys)

    def _seats(self, cursor: Cursor, query: str, keys: Collection[SeatKey]) -> dict[SeatKey, Held]:
        cursor.execute(self._spelt(query), self._pairs(sorted(keys)))
        return {(row[0], row[1]): Held(*row) for row in cursor.fetchall()}

    def batches(self, cursor: Cursor, ids: Collection[int]) -> dict[int, Batch]:
        cursor.execute(self._spelt(self._BATCHES), (self._list(sorted(ids)),))
        return {row[0]: Batch(row[1], bytes(row[2])) for row in cursor.fetchall()}

    def fingerprints(self, cursor: Cursor, cids: Collection[str]) -> dict[str, int]:
        """A number for each box that has votes; it changes when the tallies of the box do."""
        cursor.execute(self._spelt(self._TALLIES), (self._list(sorted(cids)),))
        rows: dict[str, list[Any]] = {}
        for row in cursor.fetchall():
            rows.setdefault(row[0], []).append(row[1:])
        return {cid: hash(tuple(sorted(found))) for cid, found in rows.items()}

    def add_promise(self, cursor: Cursor, deadline: int, leaves: bytes) -> int:
        cursor.execute(self._spelt(_ADD_PROMISE), (deadline, leaves))
        number: int = cursor.fetchone()[0]
        return number

    def add_seats(self, cursor: Cursor, seats: Mapping[SeatKey, Held]) -> None:
        if seats:
            rows = [(*_seat_row(seats[key]), 0) for key in sorted(seats)]
            self._insert(cursor, "ballot_seat", {**_SEAT, "rekeys": "bigint"}, rows)

    def change_seats(self, cursor: Cursor, seats: Mapping[SeatKey, Held]) -> None:
        if seats:
            self._change_seats(cursor, [_seat_row(seats[key]) for key in sorted(seats)])

    def add_vote_lines(self, cursor: Cursor, lines: Sequence[Held], deadline: int) -> None:
        rows = [(line.cid, line.p, "vote", line.text, deadline) for line in lines]
        self._insert(cursor, "ballot_pendingline", _LINE, rows)

    def count(self, cursor: Cursor, deltas: Mapping[TallyKey, int], door: int) -> None:
        """Move the tallies; each door has rows of its own."""
        rows = [(*key, door, delta) for key, delta in sorted(deltas.items()) if delta]
        if rows:
            self._insert(cursor, "ballot_tally", _TALLY, rows, _ADD_TO_TALLY)

    def count_readings(self, cursor: Cursor, readings: Mapping[ReadingKey, int], door: int) -> None:
        rows = [(*key, door, number) for key, number in sorted(readings.items())]
        if rows:
            self._insert(cursor, "ballot_howvoted", _HOW, rows, _ADD_TO_HOW)

    def count_links(self, cursor: Cursor, links: Mapping[int, int]) -> None:
        rows = [(number, link) for link, number in sorted(links.items())]
        if rows:
            cursor.executemany(self._spelt(_ADD_TO_LINK), rows)

    def answer(
        self,
        cursor: Cursor,
        asked: Mapping[AnswerKey, tuple[str, str]],
        others: Mapping[AnswerKey, str],
    ) -> None:
        """Keep what seats say, before and after; of `others`, where they have answered already."""
        if asked:
            rows = [(*key, *said) for key, said in sorted(asked.items())]
            self._insert(cursor, "ballot_answer", _ANSWER, rows, _LAST_ANSWER)
        if others:
            changes = [(after, *key) for key, after in sorted(others.items())]
            cursor.executemany(self._spelt(_CHANGE_ANSWER), changes)

    def seal(self, cursor: Cursor, entries: Rows, pending: Collection[int]) -> None:
        """Insert entries, with the columns of `_ENTRY`, and delete the rows they came from."""
        self._insert(cursor, "ballot_entry", _ENTRY, entries)
        cursor.execute(self._spelt(self._DELETE_PENDING), (self._list(pending),))


class SqliteTables(Tables):
    """A list is one JSON text, so the statements stay the same and prepared.

    CROSS JOIN fixes the order: the rows of `wanted` look up the seats by their key. With
    `(cid, p) IN (…)` SQLite would read the whole table. One writer at a time needs no locks.
    """

    _BOXES = f"SELECT {_BOX_COLUMNS} FROM ballot_box WHERE cid IN (SELECT value FROM json_each(%s))"
    _SEATS = _LOCKED_SEATS = (
        f"SELECT {_SEAT_COLUMNS} FROM json_each(%s) AS wanted CROSS JOIN ballot_seat AS seat "
        "WHERE seat.cid = json_extract(wanted.value, '$[0]') "
        "AND seat.p = json_extract(wanted.value, '$[1]')"
    )
    _BATCHES = (
        "SELECT id, deadline, leaves FROM ballot_promise "
        "WHERE id IN (SELECT value FROM json_each(%s))"
    )
    _TALLIES = (
        "SELECT cid, id, number FROM ballot_tally WHERE cid IN (SELECT value FROM json_each(%s))"
    )
    _DELETE_PENDING = "DELETE FROM ballot_pendingline WHERE id IN (SELECT value FROM json_each(%s))"

    def _list(self, values: Collection[Any]) -> str:
        return json.dumps(list(values))

    def _pairs(self, keys: Sequence[SeatKey]) -> Sequence[str]:
        return [json.dumps(keys)]

    def _insert(
        self, cursor: Cursor, table: str, columns: Mapping[str, str], rows: Rows, then: str = ""
    ) -> None:
        marks = _names("%s" for _ in columns)
        query = f"INSERT INTO {table} ({_names(columns)}) VALUES ({marks}) {then}"
        cursor.executemany(self._spelt(query), rows)

    def _change_seats(self, cursor: Cursor, rows: Rows) -> None:
        _cid, _p, *changing = _SEAT
        settings = _names(f"{name} = %s" for name in changing)
        query = f"UPDATE ballot_seat SET {settings} WHERE cid = %s AND p = %s"
        cursor.executemany(self._spelt(query), [(*row[2:], *row[:2]) for row in rows])


class PostgresTables(Tables):
    """A list is an array. Locks are taken in the order of keys, so no two doors wait in a ring."""

    _BOXES = f"SELECT {_BOX_COLUMNS} FROM ballot_box WHERE cid = ANY(%s) ORDER BY cid FOR SHARE"
    _SEATS = (
        f"SELECT {_SEAT_COLUMNS} FROM unnest(%s::text[], %s::text[]) AS wanted(cid, p) "
        "JOIN ballot_seat AS seat ON seat.cid = wanted.cid AND seat.p = wanted.p"
    )
    _LOCKED_SEATS = f"{_SEATS} ORDER BY seat.cid, seat.p FOR UPDATE OF seat"
    _BATCHES = "SELECT id, deadline, leaves FROM ballot_promise WHERE id = ANY(%s)"
    _TALLIES = "SELECT cid, id, number FROM ballot_tally WHERE cid = ANY(%s)"
    _DELETE_PENDING = "DELETE FROM ballot_pendingline WHERE id = ANY(%s)"

    def _list(self, values: Collection[Any]) -> list[Any]:
        return list(values)

    def _pairs(self, keys: Sequence[SeatKey]) -> Sequence[list[str]]:
        return [[cid for cid, _ in keys], [p for _, p in keys]]

    def _insert(
        self, cursor: Cursor, table: str, columns: Mapping[str, str], rows: Rows, then: str = ""
    ) -> None:
        arrays = _names(f"%s::{kind}[]" for kind in columns.values())
        query = f"INSERT INTO {table} ({_names(columns)}) SELECT * FROM unnest({arrays}) {then}"
        cursor.execute(query, _turned(rows))

    def _change_seats(self, cursor: Cursor, rows: Rows) -> None:
        _cid, _p, *changing = _SEAT
        settings = _names(f"{name} = new.{name}" for name in changing)
        arrays = _names(f"%s::{kind}[]" for kind in _SEAT.values())
        query = (
            f"UPDATE ballot_seat AS seat SET {settings} "
            f"FROM unnest({arrays}) AS new({_names(_SEAT)}) "
            "WHERE seat.cid = new.cid AND seat.p = new.p"
        )
        cursor.execute(query, _turned(rows))


def _turned(rows: Rows) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def tables_of(vendor: str) -> Tables:
    """The tables of `sqlite` or `postgresql`, for cursors of Django."""
    return PostgresTables() if vendor == "postgresql" else SqliteTables()
