"""Sessions in the database, looked up only by keys that this program could have made."""

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    def __init__(self, session_key: str | None = None) -> None:
        """A cookie can hold any text; PostgreSQL refuses to look for some with an error."""
        possible = session_key and session_key.isascii() and session_key.isalnum()
        super().__init__(session_key if possible else None)
