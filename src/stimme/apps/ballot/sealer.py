"""Sealing: pending lines become the next part of the public log (specification, section 6)."""

import logging
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.conf import settings
from django.db import connection, transaction

from stimme.apps.ballot import publisher
from stimme.apps.ballot.batches import NextLine, is_due, next_lines
from stimme.apps.ballot.entries import log_entries, look_up_code
from stimme.apps.ballot.log_keys import log_signer, public_keys
from stimme.apps.ballot.models import LogHead
from stimme.apps.ballot.tables import tables_of
from stimme.apps.ballot.witnesses import Round, WitnessAhead, WitnessContradicts, ask_witnesses
from stimme.engines.translog import (
    EMPTY_ROOT,
    Checkpoint,
    Edge,
    MissingResource,
    NoteError,
    TileError,
    append,
    open_checkpoint,
    resources_for,
    sign,
)

logger = logging.getLogger(__name__)
_FILES_AT_ONCE = 1000  # of a recovery, in memory


_HOW_TO_RESTORE = (
    "It was restored from an old backup; sealing now would fork the log. "
    "Run `stimme restore-log` to take the missing lines from the published log."
)
_OTHER_HISTORY = (
    "The published log and the database tell different histories; sealing now would fork the "
    "log. Put back the database and the directory that belong together."
)


_OTHER_WITNESS = (
    "Sealing now would fork the log. Put back the database that belongs to this log; if you are "
    "sure that it is this one, the witness is wrong: then take it out of the policy."
)


class SealingRefused(Exception):
    """The database and the published log contradict each other; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """How many lines were sealed, how many there are, and why they are not published if so."""

    lines: int
    size: int
    held_back: str = ""


def seal(*, everything: bool = False) -> Sealed:
    """Seal what is due, publish it, and say how many lines that were.

    A batch is due when it hides its voters well enough (the smallest batch) or when a
    promise would be broken otherwise. With `everything`, all that is pending is sealed.
    Without the quorum of the witnesses the published checkpoint stays, and nothing more is
    sealed than the batch that is waiting for them.
    Raises SealingRefused when the published log, or a witness, contradicts the database.
    """
    with publisher.exclusively():
        head = _head()
        _refuse_contradiction(head)
        _recover(head)
        _publish_keys()
        _keep_index_in_memory()
        before = head.size
        # Asked before the head moves, too: a witness that has seen more must stop us there.
        while not (held_back := _publish(head)) and (everything or is_due()):
            head, resources = _seal_batch(head)
            if not resources:
                break
            publisher.write(resources)
        return Sealed(head.size - before, head.size, held_back)


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
    _refuse_other_name(head)
    return head


def _refuse_other_name(head: LogHead) -> None:
    if head.origin != settings.STIMME.origin:
        message = (
            f"This log is called {head.origin}, but STIMME_URL now makes it "
            f"{settings.STIMME.origin}. A log keeps its name: set STIMME_URL back."
        )
        raise SealingRefused(message)
    try:
        open_checkpoint(head.checkpoint, log_signer().verifier, head.origin)
    except NoteError as error:
        message = (
            f"The keys in {settings.STIMME.keys_dir} are not those of this log. A log keeps "
            "its keys: put them back from your backup."
        )
        raise SealingRefused(message) from error


def _refuse_contradiction(head: LogHead) -> None:
    """Stop before forking the log: what was published must be in the database."""
    published = publisher.latest()
    if published is None:
        return
    if published.size > head.size:
        message = f"The published log holds {published.size} lines, the database {head.size}."
        raise SealingRefused(f"{message} {_HOW_TO_RESTORE}")
    if published.size == head.size and published.root != b64decode(head.root):
        raise SealingRefused(_OTHER_HISTORY)


def _cosigned(head: LogHead) -> Round:
    try:
        return ask_witnesses(head.checkpoint)
    except WitnessAhead as error:
        raise SealingRefused(f"{error} {_HOW_TO_RESTORE}") from error
    except WitnessContradicts as error:
        raise SealingRefused(f"{error} {_OTHER_WITNESS}") from error


def _keep_index_in_memory() -> None:
    """New entries touch pages all over the index of codes, 20 MB of it for a million lines.

    SQLite keeps 2 MB by itself; reading and writing the others again was a fifth of the work.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size=-32768")


def _seal_batch(head: LogHead) -> tuple[LogHead, Mapping[str, bytes]]:
    """Seal one batch and move the head, or do nothing at all.

    Returns the new head and the files it needs (none when nothing was pending). All is worked
    out before the transaction, which in SQLite keeps voters waiting; that the head moves from
    where it was read makes it safe.
    """
    batch = next_lines()
    appended = append(
        publisher.read,
        head.size,
        [line.text.encode() for line in batch],
        old_root=b64decode(head.root),
    )
    if not batch:
        return head, {}
    with transaction.atomic():
        new = _moved(head, appended.size, appended.root)
        _move_lines(batch, head.size)
    return new, appended.resources


def _move_lines(batch: Sequence[NextLine], first: int) -> None:
    """Turn pending lines into entries. Whatever was committed meanwhile stays pending."""
    rows = [
        (index, line.cid, line.kind, line.text, look_up_code(line.leaf))
        for index, line in enumerate(batch, start=first)
    ]
    with connection.cursor() as cursor:
        tables_of(connection.vendor).seal(cursor, rows, [line.pending for line in batch])


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


def _recover(head: LogHead) -> None:
    """Write the files that an interrupted sealing did not write, rendered from the lines.

    Where the published files are damaged or gone, all are rendered again.
    """
    published = publisher.latest() or Checkpoint(head.origin, 0, EMPTY_ROOT)
    whole = _leads_to_root(published)
    if whole and published.size == head.size and publisher.published_checkpoint():
        return
    start = published.size if whole else 0
    _refuse_other_history(start, published, head)
    edge = Edge.load(publisher.read, start)
    lines = log_entries(start, head.size)
    files = resources_for(lines, [published.size, head.size], edge=edge)
    while part := dict(islice(files, _FILES_AT_ONCE)):
        publisher.write(part)


def _leads_to_root(published: Checkpoint) -> bool:
    try:
        return Edge.load(publisher.read, published.size).root() == published.root
    except TileError as error:
        logger.warning("log: published files are written again: %s", error)
        return False


def _refuse_other_history(start: int, published: Checkpoint, head: LogHead) -> None:
    """Hold the lines against both roots before a file is replaced."""
    edge = Edge.load(publisher.read, start)
    for size, root in [(published.size, published.root), (head.size, b64decode(head.root))]:
        for _ in edge.extend(log_entries(edge.size, size)):
            pass
        if (edge.size, edge.root()) != (size, root):
            raise SealingRefused(_OTHER_HISTORY)


def _publish_keys() -> None:
    content = public_keys().encode()
    try:
        known = publisher.read(publisher.KEYS)
    except MissingResource:
        known = b""
    if known != content:
        publisher.write({publisher.KEYS: content})


def _publish(head: LogHead) -> str:
    """Replace the checkpoint, last: whoever sees it finds all it speaks of.

    Returns why it is held back, where the witnesses' quorum is missing; else nothing.
    """
    asked = _cosigned(head)
    if not asked.reached:
        logger.error("log: nothing is published: %s", asked.complaint)
        return asked.complaint
    if asked.adds_to(publisher.published_checkpoint()):
        publisher.write({publisher.CHECKPOINT: asked.checkpoint.encode()})
        logger.info("log: published up to line %d", head.size)
    return ""


def _base64(root: bytes) -> str:
    return b64encode(root).decode()
