"""What `stimme check` proves of the ballot: every tally, and the whole log."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from stimme.apps.ballot.models import LogHead
from stimme.apps.ballot.proving import faults_of_log
from stimme.apps.ballot.recounting import wrong_tallies


@register(Tags.database)
def ballot_holds(databases: Sequence[str] | None, **_others: Any) -> list[CheckMessage]:  # noqa: ANN401  Django's signature
    """Recount everything; on a database that was never set up there is nothing to count."""
    if not databases or LogHead._meta.db_table not in connection.introspection.table_names():
        return []
    tallies = [
        Error(
            f"The tallies of {cid} are not those of its seats.",
            hint="Find out who changed the database; docs/operate/log.md says how to recount.",
            id="ballot.E001",
        )
        for cid in wrong_tallies()
    ]
    return [*tallies, *(Error(fault, id="ballot.E002") for fault in faults_of_log())]
