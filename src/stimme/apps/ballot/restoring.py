"""After an old backup: the database takes back from the published log what it has lost."""

import time
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum

from stimme.apps.accounts.levels import Level
from stimme.apps.accounts.models import ErasedAccounts
from stimme.apps.accounts.selectors import accounts_by_level
from stimme.apps.ballot import publisher
from stimme.apps.ballot.casting import COLUMNS
from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.log_keys import log_signer
from stimme.apps.ballot.models import (
    Box,
    ImportedSigners,
    Line,
    LogHead,
    Promise,
    Seat,
    State,
    Tally,
)
from stimme.apps.ballot.seats import SeatKey
from stimme.apps.ballot.selectors import log_entries
from stimme.engines import translog
from stimme.engines.translog import (
    CauseLine,
    Checkpoint,
    CloseLine,
    Edge,
    LogError,
    RollLine,
    Tree,
    VoteLine,
    leaf_hash,
    parse_line,
)

_AT_ONCE = 1000  # vote lines under one promise
_LOST_SIGNERS = "restored from the log"


class RestoringRefused(Exception):
    """Nothing was restored; the text says why."""


@dataclass(slots=True)
class Restored:
    """What came back. `size` is that of the log now.

    `matched` of the lines were pending here with the same text. `displaced` votes were
    acknowledged after the backup was restored, where the log had moved on: they follow the
    restored ones under another number than promised, or are gone when their box was closed
    or they tell nothing new. `unknown` are the boxes of demands whose text is lost.
    """

    size: int
    lines: int = 0
    matched: int = 0
    displaced: int = 0
    unknown: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)


def restore() -> Restored:
    """Take every line that the published log has and the database has not.

    All in one transaction. Raises RestoringRefused when the published log is not ours, not
    whole, or contradicts the database.
    """
    with publisher.exclusively(), transaction.atomic():
        try:
            checkpoint, tree = _published()
            return _restore(checkpoint, tree)
        except LogError as error:
            raise RestoringRefused(f"The published log cannot be used. {error}") from error


def _published() -> tuple[Checkpoint, Tree]:
    """The published log, once all its entries lead to the root that our own key signed."""
    note = publisher.published_checkpoint()
    if note is None:
        raise RestoringRefused("There is no published log to restore from.")
    signer = log_signer()
    checkpoint = translog.open_checkpoint(note, signer.verifier, settings.STIMME.origin)
    tree = Tree(publisher.read, checkpoint.size)
    edge = Edge()
    for _ in edge.extend(tree.entries()):
        pass
    if edge.root() != checkpoint.root:
        raise RestoringRefused("The published entries do not lead to the signed root.")
    return checkpoint, tree


def _restore(checkpoint: Checkpoint, tree: Tree) -> Restored:
    head = LogHead.objects.select_for_update().filter(id=1).first()
    size = head.size if head else 0
    _refuse_fork(tree, min(size, checkpoint.size))
    restored = Restored(max(size, checkpoint.size))
    if checkpoint.size <= size:
        return restored
    texts = [entry.decode("ascii", "backslashreplace") for entry in tree.entries(size)]
    batch = _Batch(restored, size, [parse_line(text) for text in texts])
    batch.insert(texts)
    batch.rebuild()
    _keep_on_roll()
    _move_head(checkpoint)
    return restored


def _refuse_fork(tree: Tree, size: int) -> None:
    pairs = zip_longest(tree.entries(0, size), log_entries(0, size))
    for index, (published, stored) in enumerate(pairs):
        if published != stored:
            raise RestoringRefused(
                f"The published log and the database have different histories: line {index} is "
                f"{published!r} there and {stored!r} here. Nothing was changed."
            )


@dataclass(slots=True)
class _Batch:
    """The lines that the database lacks, from the index `start` on."""

    restored: Restored
    start: int
    parsed: Sequence[translog.Line]
    # The latest vote of every seat that these lines touch.
    last: dict[SeatKey, VoteLine] = field(default_factory=dict)

    def insert(self, texts: Sequence[str]) -> None:
        pending = {line.text: line for line in Line.objects.filter(log_index__isnull=True)}
        lines = []
        for index, (text, parsed) in enumerate(zip(texts, self.parsed, strict=True), self.start):
            line = pending.pop(text, None) or _line(parsed)
            line.place(index)
            lines.append(line)
            if isinstance(parsed, VoteLine):
                self.last[parsed.cid, parsed.pseudonym] = parsed
        known = [line for line in lines if line.pk]
        self.restored.lines, self.restored.matched = len(lines), len(known)
        displaced = self._displace(pending.values())
        _store([line for line in lines if not line.pk] + displaced)
        Line.objects.bulk_update(known, ["log_index", "code"], batch_size=100)

    def _displace(self, pending: Iterable[Line]) -> list[Line]:
        """Put votes that wait here behind the restored ones of their seats."""
        closed = {line.cid for line in self.parsed if isinstance(line, CloseLine)}
        moved = []
        for line in sorted(pending, key=lambda line: line.pk):
            if line.kind == "vote" and line.cid in closed:
                self._take_back(line)
            elif line.kind == "vote" and (line.cid, line.p) in self.last:
                moved += self._behind(line)
        return moved

    def _behind(self, line: Line) -> list[Line]:
        latest, vote = self.last[line.cid, line.p], VoteLine.parse(line.text)
        new = replace(vote, seq=latest.seq + 1) if vote.choice != latest.choice else latest
        self.last[line.cid, line.p] = new
        if str(new) == line.text:
            return []
        line.delete()
        self.restored.displaced += 1
        return [] if new is latest else [_line(new)]

    def _take_back(self, line: Line) -> None:
        """Undo a vote in a box that the log has closed: it would not count (R3)."""
        line.delete()
        self.restored.displaced += 1
        if (line.cid, line.p) in self.last:
            return
        of_seat = Line.objects.filter(kind="vote", cid=line.cid, p=line.p)
        sealed = of_seat.filter(log_index__isnull=False).order_by("-seq").first()
        if sealed:
            self.last[line.cid, line.p] = VoteLine.parse(sealed.text)
        else:
            Seat.objects.filter(cid=line.cid, p=line.p).delete()

    def rebuild(self) -> None:
        """Make boxes, seats and tallies say what the lines say."""
        for line in self.parsed:
            if isinstance(line, CauseLine) and Box.objects.get_or_create(cid=line.cid)[1]:
                self.restored.unknown.append(line.cid)
            if isinstance(line, CloseLine):
                Box.objects.filter(cid=line.cid).update(state=State.CLOSED)
                self.restored.closed.append(line.cid)
        Seat.objects.bulk_create(
            map(_seat, self.last.values()),
            batch_size=100,
            update_conflicts=True,
            unique_fields=["cid", "p"],
            update_fields=["seq", "choice", "level"],
        )
        for cid in sorted({cid for cid, _ in self.last} | set(self.restored.closed)):
            _recount(cid)


def _line(parsed: translog.Line) -> Line:
    return Line(
        cid=getattr(parsed, "cid", ""),
        p=getattr(parsed, "pseudonym", ""),
        seq=getattr(parsed, "seq", None),
        kind=parsed.WORD,
        text=str(parsed),
    )


def _seat(vote: VoteLine) -> Seat:
    return Seat(
        cid=vote.cid,
        p=vote.pseudonym,
        seq=vote.seq,
        choice=vote.choice,
        level=int(vote.level[0]),
    )


def _store(lines: Sequence[Line]) -> None:
    """Insert lines; votes get a promise anew, since every vote line has one."""
    votes = [line for line in lines if line.kind == "vote"]
    deadline = int(time.time()) + settings.STIMME.promise_deadline
    for start in range(0, len(votes), _AT_ONCE):
        part = votes[start : start + _AT_ONCE]
        leaves = b"".join(leaf_hash(line.text.encode()) for line in part)
        promise = Promise.objects.create(deadline=deadline, leaves=leaves)
        for index, line in enumerate(part):
            line.promise, line.promise_index = promise, index
    Line.objects.bulk_create(lines)


def _recount(cid: str) -> None:
    """Make the tallies of one box anew from its seats."""
    tallies: dict[int, Tally] = {}
    counts = Seat.objects.filter(cid=cid).values_list("level", "choice").annotate(Count("p"))
    for level, choice, number in counts:
        tally = tallies.setdefault(level, Tally(cid=cid, level=level))
        setattr(tally, COLUMNS[Choice(choice)], number)
    Tally.objects.filter(cid=cid).delete()
    Tally.objects.bulk_create(tallies.values())


def _keep_on_roll() -> None:
    """Let accounts and signers that the database lost stay counted: their seats live on."""
    rolls = (
        Line.objects.filter(cid="", kind="roll")
        .order_by("log_index")
        .values_list("text", flat=True)
    )
    last = {int(roll.level[0]): roll.accounts for roll in map(RollLine.parse, rolls)}
    signers = ImportedSigners.objects.aggregate(number=Sum("number"))["number"] or 0
    lost = last.pop(Level.IMPORTED, 0) - signers
    if lost > 0:
        row, _ = ImportedSigners.objects.get_or_create(source=_LOST_SIGNERS, defaults={"number": 0})
        row.number += lost
        row.save(update_fields=["number"])
    # From the highest level down: who reached a level is counted in those below, too.
    for level in sorted(last, reverse=True):
        _keep_accounts(level, last[level] - accounts_by_level()[level])


def _keep_accounts(level: int, lost: int) -> None:
    if lost > 0:
        row, _ = ErasedAccounts.objects.get_or_create(level=level)
        row.number += lost
        row.save(update_fields=["number"])


def _move_head(checkpoint: Checkpoint) -> None:
    LogHead.objects.update_or_create(
        id=1,
        defaults={
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": b64encode(checkpoint.root).decode(),
            "checkpoint": translog.sign(checkpoint.encode(), [log_signer()]),
        },
    )
