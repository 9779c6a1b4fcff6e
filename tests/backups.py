"""A database taken back to an earlier state, as from a backup; the published log stays."""

from typing import Any

from django.db.models import Manager

from stimme.apps.ballot.models import (
    Box,
    Entry,
    ImportedSigners,
    LogHead,
    PendingLine,
    Promise,
    Seat,
    Tally,
)
from tests.house import seats_counted

# In an order in which rows can be put back.
TABLES: list[Manager[Any]] = [
    Box.objects,
    Promise.objects,
    Seat.objects,
    Tally.objects,
    PendingLine.objects,
    Entry.objects,
    LogHead.objects,
    ImportedSigners.objects,
]
Backup = list[list[Any]]


def backup() -> Backup:
    return [list(table.all()) for table in TABLES]


def put_back(kept: Backup) -> None:
    for table in reversed(TABLES):
        table.all().delete()
    for table, rows in zip(TABLES, kept, strict=True):
        table.bulk_create(rows)


def state() -> list[list[tuple[object, ...]]]:
    """What the ballot holds, but for what the log does not tell of a seat: promise, changes."""
    entries = Entry.objects.order_by("log_index").values_list()
    pending = PendingLine.objects.order_by("id").values_list("cid", "p", "kind", "text")
    seats = Seat.objects.order_by("cid", "p").values_list(
        "cid", "p", "seq", "choice", "level", "hour", "vk", "sig", "bound_to", "rekeys", "annulled"
    )
    tallies = sorted((*key, number) for key, number in seats_counted().items())
    boxes = Box.objects.order_by("cid").values_list("cid", "state")
    head = LogHead.objects.values_list("origin", "size", "root", "checkpoint")
    return [list(rows) for rows in (entries, pending, seats, tallies, boxes, head)]
