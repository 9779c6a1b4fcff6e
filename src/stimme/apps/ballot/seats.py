from collections.abc import Collection

from django.db import connection

from stimme.apps.ballot.models import Seat

SeatKey = tuple[str, str]  # cid, pseudonym
AT_ONCE = 400  # pairs in one statement: SQLite allows 999 parameters on old builds


def seats_of(keys: Collection[SeatKey]) -> dict[SeatKey, Seat]:
    """Return the seats that exist among these, one query for every 400 keys."""
    ordered = sorted(keys)
    chunks = [ordered[i : i + AT_ONCE] for i in range(0, len(ordered), AT_ONCE)]
    return {(seat.cid, seat.p): seat for chunk in chunks for seat in _chunk(chunk)}


def _chunk(keys: list[SeatKey]) -> list[Seat]:
    """Look up by joining a list of wanted keys to the primary key's index.

    `(cid, p) IN (VALUES ...)` would scan the whole table in SQLite; CROSS JOIN fixes the
    order there and changes nothing in PostgreSQL.
    """
    table = connection.ops.quote_name(Seat._meta.db_table)
    wanted = ", ".join(["(%s, %s)"] * len(keys))
    query = (
        f"WITH wanted(cid, p) AS (VALUES {wanted}) "  # noqa: S608  only placeholders
        f"SELECT seat.cid, seat.p, seat.seq, seat.choice, seat.level "
        f"FROM wanted CROSS JOIN {table} AS seat "
        f"WHERE seat.cid = wanted.cid AND seat.p = wanted.p"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [part for key in keys for part in key])
        return [
            Seat(cid=cid, p=p, seq=seq, choice=choice, level=level)
            for cid, p, seq, choice, level in cursor.fetchall()
        ]
