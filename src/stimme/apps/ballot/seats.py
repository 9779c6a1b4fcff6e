from collections.abc import Collection

from django.db import connection

from stimme.apps.ballot.tables import Held, SeatKey, tables_of


def seats_of(keys: Collection[SeatKey]) -> dict[SeatKey, Held]:
    """Return the seats that exist among these, in one query."""
    with connection.cursor() as cursor:
        return tables_of(connection.vendor).seats(cursor, keys)
