import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from stimme.apps.ballot.door.stores import NotDurable, PostgresStore

pytestmark = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite's durability is set by the door itself"
)


def test_no_door_opens_where_a_commit_does_not_wait_for_the_disk(db: None) -> None:
    where = make_conninfo(
        settings.STIMME.database_url, options="-c synchronous_commit=off", dbname="postgres"
    )
    with pytest.raises(NotDurable, match="synchronous_commit is off"):
        PostgresStore(where, 600)
    with psycopg.connect(where) as still_there:
        assert still_there.execute("SHOW synchronous_commit").fetchone() == ("off",)
