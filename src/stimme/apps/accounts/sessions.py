"""Sessions in the database, looked up only by keys that this program could have made."""

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

_LIVE = (
    f"SELECT session_data FROM {Session._meta.db_table} "  # noqa: S608  Django's own table
    "WHERE session_key = %s AND expire_date > %s"
)


class SessionStore(db.SessionStore):
    def __init__(self, session_key: str | None = None) -> None:
        """A cookie can hold any text; PostgreSQL refuses to look for some with an error."""
        possible = session_key and session_key.isascii() and session_key.isalnum()
        super().__init__(session_key if possible else None)

    def load(self) -> dict[str, Any]:
        """Read as Django does, in SQL: writing it takes the ORM longer than the database to answer.

        Every page of somebody signed in begins with it.
        """
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(_LIVE, [self.session_key, now])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row[0])
