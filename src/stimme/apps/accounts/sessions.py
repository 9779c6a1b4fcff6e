"""Sessions in the database, looked up only by keys that this program could have made."""

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: str | None) -> bool:
        """A cookie can hold any text; PostgreSQL refuses to look for some with an error."""
        possible = key and key.isascii() and key.isalnum()
        return bool(possible and super()._validate_session_key(key))
