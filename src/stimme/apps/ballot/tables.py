"""The ballot's tables in plain SQL, for the two databases; the models say what they mean."""

import json
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Protocol

Row = Sequence[Any]
SeatKey = tuple[str, str]  # cid, pseudonym
TallyKey = tuple[str, int, str, bool, bool]  # cid, level, choice, annulled, keyed


class Cursor(Protocol):
    """What SQLite's and PostgreSQL's cursors have in common."""

    def execute(self, query: Any, params: Any = ..., /) -> Any: ...  # noqa: ANN401
    def executemany(self, query: Any, params: Any, /) -> Any: ...  # noqa: ANN401
    def fetchall(self) -> list[Any]: ...
    def fetchone(self) -> Any: ...  # noqa: ANN401


@dataclass(slots=True)
class Held:
    """A row of `ballot_seat`; the fields stand in the order of `_SEAT`."""

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

    @property
    def text(self) -> str:
        """The latest vote line of the seat."""
        return (
            f"s1 vote {self.cid} {self.p} {self.seq} {self.choice} {self.level} {self.hour} "
            f"{self.vk or '-'} {self.sig or '-'}"
        )

    @property
    def tally(self) -> TallyKey:
        return self.cid, self.level, self.choice, bool(self.annulled), bool(self.vk)

    def row(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in _FIELDS)


@dataclass(frozen=True, slots=True)
class Promised:
    """What is signed for the lines of one commit: a deadline, and their leaf hashes in order."""

    deadline: int
    leaves: bytes


_FIELDS = tuple(field.name for field in fields(Held))
# Columns with their types in PostgreSQL.
_SEAT = {
    "promise_id" if field.name == "promise" else field.name: "bigint"
    if field.type is int
    else "text"
    for field in fields(Held)
}
_LINE = {"cid": "text", "p": "text", "kind": "text", "text": "text", "deadline": "bigint"}
_TALLY = {
    "cid": "text", "level": "bigint", "choice": "text", "annulled": "bool", "keyed": "bool",
    "door": "bigint", "number": "bigint",
}  # fmt: skip


class Tables(ABC):
    """Reading and writing of a batch; one statement each, however many votes there are.

    `mark` is how the cursor's driver spells a parameter.
    """

    _BOXES: ClassVar[str]
    _SEATS: ClassVar[str]
    _LOCKED_SEATS: ClassVar[str]
    _PROMISES: ClassVar[str]
    _TALLIES: ClassVar[str]

    def __init__(self, mark: str = "%s") -> None:
        self._mark = mark

    @abstractmethod
    def _list(self, values: Collection[Any]) -> Any:  # noqa: ANN401
        """A list as one parameter."""

    @abstractmethod
    def _pairs(self, keys: Sequence[SeatKey]) -> Sequence[Any]:
        """A list of pairs as the parameters of `_SEATS`."""

    @abstractmethod
    def _write(self, cursor: Cursor, statement: "_Statement", rows: Sequence[Row]) -> None:
        """Run a statement for all rows, of which there is at least one."""

    def _spelt(self, query: str) -> str:
        return query.replace("%s", self._mark)

    def boxes(self, cursor: Cursor, cids: Collection[str]) -> dict[str, str]:
        """State of each box; in PostgreSQL none of them closes before the commit."""
        cursor.execute(self._spelt(self._BOXES), (self._list(sorted(cids)),))
        return dict(cursor.fetchall())

    def seats(self, cursor: Cursor, keys: Collection[SeatKey]) -> dict[SeatKey, Held]:
        """Seats that exist among these."""
        return self._seats(cursor, self._SEATS, keys)

    def locked_seats(self, cursor: Cursor, keys: Collection[SeatKey]) -> dict[SeatKey, Held]:
        """The same; nobody else changes them before the commit."""
        return self._seats(cursor, self._LOCKED_SEATS, keys)

    def _seats(self, cursor: Cursor, query: str, keys: Collection[SeatKey]) -> dict[SeatKey, Held]:
        cursor.execute(self._spelt(query), self._pairs(sorted(keys)))
        return {(row[0], row[1]): Held(*row) for row in cursor.fetchall()}

    def promises(self, cursor: Cursor, ids: Collection[int]) -> dict[int, Promised]:
        cursor.execute(self._spelt(self._PROMISES), (self._list(sorted(ids)),))
        return {row[0]: Promised(row[1], bytes(row[2])) for row in cursor.fetchall()}

    def fingerprints(self, cursor: Cursor, cids: Collection[str]) -> dict[str, int]:
        """A number for each box that has votes; it changes when the tallies of the box do."""
        cursor.execute(self._spelt(self._TALLIES), (self._list(sorted(cids)),))
        rows: dict[str, list[Row]] = {}
        for row in cursor.fetchall():
            rows.setdefault(row[0], []).append(row[1:])
        return {cid: hash(tuple(sorted(found))) for cid, found in rows.items()}

    def add_promise(self, cursor: Cursor, deadline: int, leaves: bytes) -> int:
        cursor.execute(self._spelt(_ADD_PROMISE), (deadline, leaves))
        number: int = cursor.fetchone()[0]
        return number

    def add_seats(self, cursor: Cursor, seats: Mapping[SeatKey, Held]) -> None:
        self._write_some(cursor, _ADD_SEATS, [seats[key].row() for key in sorted(seats)])

    def change_seats(self, cursor: Cursor, seats: Mapping[SeatKey, Held]) -> None:
        self._write_some(cursor, _CHANGE_SEATS, [seats[key].row() for key in sorted(seats)])

    def add_vote_lines(self, cursor: Cursor, lines: Sequence[Held], deadline: int) -> None:
        rows = [(line.cid, line.p, "vote", line.text, deadline) for line in lines]
        self._write_some(cursor, _ADD_LINES, rows)

    def count(self, cursor: Cursor, deltas: Mapping[TallyKey, int], door: int) -> None:
        """Move the tallies; each door has rows of its own."""
        rows = [(*key, door, delta) for key, delta in sorted(deltas.items()) if delta]
        self._write_some(cursor, _COUNT, rows)

    def _write_some(self, cursor: Cursor, statement: "_Statement", rows: Sequence[Row]) -> None:
        if rows:
            self._write(cursor, statement, rows)


@dataclass(frozen=True, slots=True)
class _Statement:
    """`{rows}` in the text stands for the rows, of these columns, under the name `new`."""

    text: str
    columns: Mapping[str, str]


def _names(columns: Iterable[str]) -> str:
    return ", ".join(columns)


_ADD_SEATS = _Statement(
    f"INSERT INTO ballot_seat ({_names(_SEAT)}, rekeys) SELECT {_names(_SEAT)}, 0 FROM {{rows}}",
    _SEAT,
)
_CHANGE_SEATS = _Statement(
    f"UPDATE ballot_seat AS seat SET {_names([f'{name} = new.{name}' for name in _SEAT if name not in {'cid', 'p'}])} "
    "FROM {rows} WHERE seat.cid = new.cid AND seat.p = new.p",
    _SEAT,
)
_ADD_LINES = _Statement(
    f"INSERT INTO ballot_pendingline ({_names(_LINE)}) SELECT {_names(_LINE)} FROM {{rows}}", _LINE
)
_COUNT = _Statement(
    f"INSERT INTO ballot_tally ({_names(_TALLY)}) SELECT {_names(_TALLY)} FROM {{rows}} "
    f"WHERE true ON CONFLICT ({_names(name for name in _TALLY if name != 'number')}) "
    "DO UPDATE SET number = ballot_tally.number + excluded.number",
    _TALLY,
)


_ADD_PROMISE = "INSERT INTO ballot_promise (deadline, leaves) VALUES (%s, %s) RETURNING id"
_SEAT_COLUMNS = _names(f"seat.{name}" for name in _SEAT)


class SqliteTables(Tables):
    """A list is one JSON text, so the statements stay the same and prepared.

    CROSS JOIN fixes the order: the rows of `wanted` look up the seats by their key. With
    `(cid, p) IN (…)` SQLite would read the whole table. One writer at a time needs no locks.
    """

    _BOXES = "SELECT cid, state FROM ballot_box WHERE cid IN (SELECT value FROM json_each(%s))"
    _SEATS = _LOCKED_SEATS = (
        f"SELECT {_SEAT_COLUMNS} FROM json_each(%s) AS wanted CROSS JOIN ballot_seat AS seat "
        "WHERE seat.cid = json_extract(wanted.value, '$[0]') "
        "AND seat.p = json_extract(wanted.value, '$[1]')"
    )
    _PROMISES = (
        "SELECT id, deadline, leaves FROM ballot_promise "
        "WHERE id IN (SELECT value FROM json_each(%s))"
    )
    _TALLIES = (
        "SELECT cid, id, number FROM ballot_tally WHERE cid IN (SELECT value FROM json_each(%s))"
    )

    def _list(self, values: Collection[Any]) -> str:
        return json.dumps(list(values))

    def _pairs(self, keys: Sequence[SeatKey]) -> Sequence[str]:
        return [json.dumps(keys)]

    def _write(self, cursor: Cursor, statement: _Statement, rows: Sequence[Row]) -> None:
        marks = _names(f"%s AS {name}" for name in statement.columns)
        query = statement.text.format(rows=f"(SELECT {marks}) AS new")
        cursor.executemany(self._spelt(query), rows)


class PostgresTables(Tables):
    """A list is an array. Locks are taken in the order of keys, so no two doors wait in a ring."""

    _BOXES = "SELECT cid, state FROM ballot_box WHERE cid = ANY(%s) ORDER BY cid FOR SHARE"
    _SEATS = (
        f"SELECT {_SEAT_COLUMNS} FROM unnest(%s::text[], %s::text[]) AS wanted(cid, p) "
        "JOIN ballot_seat AS seat ON seat.cid = wanted.cid AND seat.p = wanted.p"
    )
    _LOCKED_SEATS = f"{_SEATS} ORDER BY seat.cid, seat.p FOR UPDATE OF seat"
    _PROMISES = "SELECT id, deadline, leaves FROM ballot_promise WHERE id = ANY(%s)"
    _TALLIES = "SELECT cid, id, number FROM ballot_tally WHERE cid = ANY(%s)"

    def _list(self, values: Collection[Any]) -> list[Any]:
        return list(values)

    def _pairs(self, keys: Sequence[SeatKey]) -> Sequence[list[str]]:
        return [[cid for cid, _ in keys], [p for _, p in keys]]

    def _write(self, cursor: Cursor, statement: _Statement, rows: Sequence[Row]) -> None:
        arrays = _names(f"%s::{kind}[]" for kind in statement.columns.values())
        columns = _names(statement.columns)
        query = statement.text.format(rows=f"unnest({arrays}) AS new({columns})")
        cursor.execute(query, [list(column) for column in zip(*rows, strict=True)])


def tables_of(vendor: str) -> Tables:
    """The tables of `sqlite` or `postgresql`, for cursors of Django."""
    return PostgresTables() if vendor == "postgresql" else SqliteTables()
