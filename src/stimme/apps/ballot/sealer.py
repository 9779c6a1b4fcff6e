"""Sealing: pending lines become the next part of the public log (specification, section 6)."""

import logging
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone

from stimme.apps.accounts.levels import Level
from stimme.apps.accounts.selectors import accounts_by_level
from stimme.apps.ballot import publisher
from stimme.apps.ballot.log_keys import log_signer, public_keys
from stimme.apps.ballot.models import ImportedSigners, Line, LogHead
from stimme.apps.ballot.witnessing import WitnessAhead, cosigned
from stimme.engines.translog import (
    EMPTY_ROOT,
    Checkpoint,
    MissingResource,
    RollLine,
    append,
    hour_of,
    leaf_hash,
    sign,
)

logger = logging.getLogger(__name__)
MOST_AT_ONCE = 100_000  # lines in one batch: bounds the memory of a sealing


_HOW_TO_RESTORE = (
    "It was restored from an old backup; sealing now would fork the log. "
    "Run `stimme restore-log` to take the missing lines from the published log."
)


class SealingRefused(Exception):
    """The database and the published log contradict each other; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Sealed:
    lines: int
    size: int


# A cause comes before its votes and its end after them: R3 counts what lies between.
_RANK = {"cause": 0, "roll": 0, "close": 2, "tally": 2}
_VOTE_RANK = 1


def seal(*, everything: bool = False) -> Sealed:
    """Seal what is due, publish it, and say how many lines that were.

    A batch is due when it hides its voters well enough (the smallest batch) or when a
    promise would be broken otherwise. With `everything`, all that is pending is sealed.
    Raises SealingRefused when the published log is ahead of the database.
    """
    with publisher.exclusively():
        head = _head()
        _refuse_if_behind(head)
        _recover(head)
        _publish_keys()
        _cosigned(head)  # a witness that has seen more stops us before the head moves
        before = head.size
        while everything or _is_due():
            head, resources = _seal_batch(head)
            if not resources:
                break
            _publish(head, resources)
        return Sealed(head.size - before, head.size)


def _head() -> LogHead:
    checkpoint = Checkpoint(settings.STIMME.origin, 0, EMPTY_ROOT)
    head, _ = LogHead.objects.get_or_create(
        id=1,
        defaults={
            "origin": checkpoint.origin,
            "root": _base64(checkpoint.root),
            "checkpoint": sign(checkpoint.encode(), [log_signer()]),
        },
    )
    if head.origin != settings.STIMME.origin:
        message = (
            f"This log is called {head.origin}, but STIMME_URL now makes it "
            f"{settings.STIMME.origin}. A log keeps its name: set STIMME_URL back."
        )
        raise SealingRefused(message)
    return head


def _refuse_if_behind(head: LogHead) -> None:
    """Stop before forking the log: what was published, or cosigned, must be in the database."""
    published = publisher.size_of(publisher.published_checkpoint())
    if published > head.size:
        message = f"The published log holds {published} lines, the database only {head.size}."
        raise SealingRefused(f"{message} {_HOW_TO_RESTORE}")


def _cosigned(head: LogHead) -> str:
    try:
        return cosigned(head.checkpoint)
    except WitnessAhead as error:
        raise SealingRefused(f"{error} {_HOW_TO_RESTORE}") from error


def _is_due() -> bool:
    pending = Line.objects.filter(log_index__isnull=True)
    votes = pending.filter(kind="vote")
    number = votes.count()
    if number == 0:
        return pending.exists()
    if number >= settings.STIMME.seal_min_batch:
        return True
    earliest: int = votes.aggregate(earliest=Min("promise__deadline"))["earliest"]
    return earliest - time.time() <= 2 * settings.STIMME.seal_interval


def _takeable() -> list[Line]:
    """Pending lines in the order of commit, of each seat only the first.

    A `close` line waits until no other line of its cause is pending.
    """
    pending = Line.objects.filter(log_index__isnull=True).order_by("id")[:MOST_AT_ONCE]
    of_cause = Counter(line.cid for line in pending)
    taken: dict[tuple[str, str] | int, Line] = {}
    for line in pending:
        if line.kind != "close" or of_cause[line.cid] == 1:
            taken.setdefault((line.cid, line.p) if line.p else line.pk, line)
    return list(taken.values())


@transaction.atomic
def _seal_batch(head: LogHead) -> tuple[LogHead, Mapping[str, bytes]]:
    """Give indices to one batch and move the head, or do nothing at all.

    Returns the new head and the files it needs (none when nothing was pending).
    """
    LogHead.objects.select_for_update().get(id=1)
    pending = _takeable()
    if not pending:
        return head, {}
    batch = sorted([*pending, *_roll_lines()], key=_place)
    for index, line in enumerate(batch, start=head.size):
        line.place(index)
    appended = append(publisher.read, head.size, [line.text.encode() for line in batch])
    new = _moved(head, appended.size, appended.root)
    _store_indices(batch)
    return new, appended.resources


def _store_indices(batch: Sequence[Line]) -> None:
    Line.objects.bulk_create([line for line in batch if not line.pk])
    table = connection.ops.quote_name(Line._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET log_index = %s, code = %s WHERE id = %s",  # noqa: S608  our own table
            [(line.log_index, line.code, line.pk) for line in batch],
        )


def _place(line: Line) -> tuple[int, bytes]:
    return _RANK.get(line.kind, _VOTE_RANK), leaf_hash(line.text.encode())


def _moved(head: LogHead, size: int, root: bytes) -> LogHead:
    """Compare and swap: the head moves only from where this sealer saw it."""
    checkpoint = Checkpoint(head.origin, size, root)
    note = sign(checkpoint.encode(), [log_signer()])
    moved = LogHead.objects.filter(id=1, size=head.size, root=head.root).update(
        size=size, root=_base64(root), checkpoint=note
    )
    if moved != 1:
        message = "Another sealer has moved the log in the meantime; nothing was sealed."
        raise SealingRefused(message)
    return LogHead(id=1, origin=head.origin, size=size, root=_base64(root), checkpoint=note)


def _roll_lines() -> list[Line]:
    """A `roll` line for every level whose number of accounts has changed since its last one."""
    numbers = accounts_by_level()
    numbers[Level.IMPORTED] = sum(ImportedSigners.objects.values_list("number", flat=True))
    last = _last_rolls()
    now = hour_of(timezone.now())
    return [
        Line(kind="roll", text=str(RollLine(str(level), number, now)))
        for level, number in sorted(numbers.items())
        if number != last.get(str(level), 0)
    ]


def _last_rolls() -> dict[str, int]:
    """Number of accounts by level in the newest `roll` line of each."""
    rolls = Line.objects.filter(kind="roll").order_by("log_index").values_list("text", flat=True)
    fields = (text.split(" ") for text in rolls)
    return {level: int(number) for _, _, level, number, _ in fields}


def _recover(head: LogHead) -> None:
    """Publish what an interrupted sealing left unpublished, rendered from the lines."""
    note = publisher.published_checkpoint()
    size = publisher.size_of(note)
    if note is None or size < head.size:
        entries = _entries(size, head.size)
        _publish(head, append(publisher.read, size, entries).resources)


def _publish_keys() -> None:
    content = public_keys().encode()
    try:
        known = publisher.read(publisher.KEYS)
    except MissingResource:
        known = b""
    if known != content:
        publisher.write({publisher.KEYS: content})


def _publish(head: LogHead, resources: Mapping[str, bytes]) -> None:
    """Write the files, and the checkpoint last: whoever sees it finds all it speaks of."""
    publisher.write(resources)
    publisher.write({publisher.CHECKPOINT: _cosigned(head).encode()})
    logger.info("log: published up to line %d", head.size)


def _entries(start: int, stop: int) -> Sequence[bytes]:
    lines = Line.objects.filter(log_index__gte=start, log_index__lt=stop).order_by("log_index")
    return [text.encode() for text in lines.values_list("text", flat=True)]


def _base64(root: bytes) -> str:
    return b64encode(root).decode()
