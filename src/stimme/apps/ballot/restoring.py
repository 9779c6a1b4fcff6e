"""After an old backup: the database takes back from the published log what it has lost."""

import time
from base64 import b64encode
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, zip_longest

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet, Sum

from stimme.apps.accounts.levels import Level
from stimme.apps.accounts.models import ErasedAccounts
from stimme.apps.accounts.selectors import accounts_by_level
from stimme.apps.ballot import publisher
from stimme.apps.ballot.casting import CUSTODY
from stimme.apps.ballot.entries import log_entries, look_up_code
from stimme.apps.ballot.log_keys import log_signer
from stimme.apps.ballot.models import (
    Box,
    Entry,
    ImportedSigners,
    LogHead,
    PendingLine,
    Promise,
    Seat,
    State,
)
from stimme.apps.ballot.recounting import recount
from stimme.apps.ballot.seats import seats_of
from stimme.apps.ballot.tables import SeatKey
from stimme.engines import translog
from stimme.engines.translog import (
    AnnulLine,
    CauseLine,
    Checkpoint,
    CloseLine,
    Edge,
    LogError,
    ReinstateLine,
    RekeyLine,
    RollLine,
    Tree,
    VoteLine,
    leaf_hash,
    parse_line,
)

_AT_ONCE = 500  # lines in one statement, and vote lines under one promise
_LOST_SIGNERS = "restored from the log"


class RestoringRefused(Exception):
    """Nothing was restored; the text says why."""


@dataclass(slots=True)
class Restored:
    """What came back. `size` is that of the log now.

    `matched` of the lines were pending here with the same text. `displaced` votes were
    acknowledged after the backup was restored, where the log had moved on: they follow the
    restored ones under another number than promised, or are gone when their box was closed,
    they need another key, or they tell nothing new. `unknown` are the boxes of demands whose
    text is lost.
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
    # The latest vote of every seat that has a vote among these lines.
    last: dict[SeatKey, VoteLine] = field(default_factory=dict)
    # Seats that these lines give another key.
    rekeyed: set[SeatKey] = field(default_factory=set)
    # Votes that wait here and are promised anew.
    waiting: list[VoteLine] = field(default_factory=list)

    def insert(self, texts: Sequence[str]) -> None:
        pending = {line.text: line for line in PendingLine.objects.all()}
        known = [pending.pop(text).pk for text in texts if text in pending]
        for start in range(0, len(known), _AT_ONCE):
            PendingLine.objects.filter(pk__in=known[start : start + _AT_ONCE]).delete()
        Entry.objects.bulk_create(map(_entry, count(self.start), self.parsed, texts))
        self.restored.lines, self.restored.matched = len(texts), len(known)
        for line in self.parsed:
            if isinstance(line, VoteLine):
                self.last[line.cid, line.pseudonym] = line
            if isinstance(line, RekeyLine):
                self.rekeyed.add((line.cid, line.pseudonym))
        waiting = sorted(pending.values(), key=lambda line: line.pk)
        self._displace([line for line in waiting if line.kind == VoteLine.WORD])
        _number_anew([line for line in waiting if line.kind == RekeyLine.WORD])

    def _displace(self, pending: Iterable[PendingLine]) -> None:
        """Put votes that wait here behind the restored ones of their seats."""
        closed = {line.cid for line in self.parsed if isinstance(line, CloseLine)}
        for line in pending:
            seat = line.cid, line.p
            if line.cid in closed:
                self._take_back(line)
            elif seat in self.last:
                self._put_behind(line)
            elif seat in self.rekeyed and not _takes(_bound_to(*seat), line):
                self._take_back(line)

    def _put_behind(self, line: PendingLine) -> None:
        """A vote that was signed, or must be, cannot follow: its voter must sign it again."""
        latest, vote = self.last[line.cid, line.p], VoteLine.parse(line.text)
        free = not vote.vk and _bound_to(line.cid, line.p) in {"", CUSTODY}
        line.delete()
        self.restored.displaced += 1
        if vote.choice != latest.choice and free and not _gets_key(line):
            new = replace(vote, seq=latest.seq + 1)
            self.last[line.cid, line.p] = new
            self.waiting.append(new)

    def _take_back(self, line: PendingLine) -> None:
        """Undo a vote that the log has no place for: its box is closed, or it needs another key."""
        line.delete()
        self.restored.displaced += 1
        if (line.cid, line.p) in self.last:
            return
        if sealed := _latest_sealed(line.cid, line.p):
            self.last[line.cid, line.p] = sealed
        else:
            Seat.objects.filter(cid=line.cid, p=line.p).delete()
            PendingLine.objects.filter(cid=line.cid, p=line.p).delete()

    def rebuild(self) -> None:
        """Make boxes, seats and tallies say what the lines say."""
        for line in self.parsed:
            if isinstance(line, CauseLine) and _is_made(line):
                self.restored.unknown.append(line.cid)
            if isinstance(line, CloseLine):
                Box.objects.filter(cid=line.cid).update(state=State.CLOSED)
                self.restored.closed.append(line.cid)
        self._promise_anew()
        _restore_states([*self.parsed, *_waiting_for_seats()])
        removed = {one.cid for one in self.parsed if isinstance(one, AnnulLine | ReinstateLine)}
        for cid in sorted({cid for cid, _ in self.last} | set(self.restored.closed) | removed):
            recount(cid)

    def _promise_anew(self) -> None:
        """Every seat has a promise of its latest line; the lost ones are made again."""
        held = seats_of(self.last)
        votes = [
            vote
            for seat, vote in self.last.items()
            if seat not in held or held[seat].text != str(vote)
        ]
        for start in range(0, len(votes), _AT_ONCE):
            _put(votes[start : start + _AT_ONCE], set(map(str, self.waiting)))


def _put(votes: Sequence[VoteLine], waiting: Collection[str]) -> None:
    """Write seats as their latest lines say, those in `waiting` together with the line."""
    leaves = b"".join(leaf_hash(str(vote).encode()) for vote in votes)
    deadline = int(time.time()) + settings.STIMME.promise_deadline
    promise = Promise.objects.create(deadline=deadline, leaves=leaves)
    Seat.objects.bulk_create(
        [_seat(vote, promise, index) for index, vote in enumerate(votes)],
        batch_size=50,
        update_conflicts=True,
        unique_fields=["cid", "p"],
        update_fields=_OF_A_VOTE,
    )
    PendingLine.objects.bulk_create(
        PendingLine(cid=vote.cid, p=vote.pseudonym, kind="vote", text=str(vote), deadline=deadline)
        for vote in votes
        if str(vote) in waiting
    )


_OF_A_VOTE = ["seq", "choice", "level", "hour", "vk", "sig", "promise", "promise_index", "changes"]


def _seat(vote: VoteLine, promise: Promise, index: int) -> Seat:
    return Seat(
        cid=vote.cid,
        p=vote.pseudonym,
        seq=vote.seq,
        choice=vote.choice,
        level=int(vote.level[0]),
        hour=vote.hour,
        vk=vote.vk or "",
        sig=vote.sig or "",
        promise=promise,
        promise_index=index,
        bound_to="",
    )


def _waiting_for_seats() -> list[translog.Line]:
    """What the staff or a voter did to seats since the backup was restored: it holds."""
    waiting = PendingLine.objects.filter(kind__in=["annul", "reinstate", "rekey"])
    return [parse_line(text) for text in waiting.order_by("id").values_list("text", flat=True)]


def _restore_states(lines: Sequence[translog.Line]) -> None:
    """What else the restored lines say of seats: keys that bind them, and annulments."""
    for line in lines:
        match line:
            case VoteLine(seq=0):
                _seat_of(line).update(bound_to=line.vk or "")
            case RekeyLine():
                _seat_of(line).update(bound_to=line.vk or "-", rekeys=line.number)
            case AnnulLine():
                _seat_of(line).update(annulled=line.reason)
            case ReinstateLine():
                _seat_of(line).update(annulled="")


def _seat_of(line: VoteLine | RekeyLine | AnnulLine | ReinstateLine) -> QuerySet[Seat]:
    return Seat.objects.filter(cid=line.cid, p=line.pseudonym)


def _number_anew(rekeys: Iterable[PendingLine]) -> None:
    """Let the keys that seats got meanwhile follow those of the log in their number, too."""
    numbers: dict[SeatKey, int] = {}
    for line in rekeys:
        seat = line.cid, line.p
        numbers[seat] = numbers.get(seat, _rekeys(*seat)) + 1
        line.text = str(replace(RekeyLine.parse(line.text), number=numbers[seat]))
        line.save(update_fields=["text"])


def _sealed(kind: str, cid: str, p: str) -> QuerySet[Entry]:
    lines = Entry.objects.filter(cid=cid, kind=kind, text__startswith=f"s1 {kind} {cid} {p} ")
    return lines.order_by("log_index")


def _is_made(line: CauseLine) -> bool:
    """Make the box of a cause where it is lost: as old as the log says, not as new as today."""
    opened = {"opened_at": translog.parse_hour(line.hour)}
    return Box.objects.get_or_create(cid=line.cid, defaults=opened)[1]


def _latest_sealed(cid: str, p: str) -> VoteLine | None:
    last = _sealed(VoteLine.WORD, cid, p).last()
    return VoteLine.parse(last.text) if last else None


def _rekeys(cid: str, p: str) -> int:
    last = _sealed(RekeyLine.WORD, cid, p).last()
    return RekeyLine.parse(last.text).number if last else 0


def _bound_to(cid: str, p: str) -> str:
    """What the sealed lines bind a seat to, spelt as in `Seat`."""
    if last := _sealed(RekeyLine.WORD, cid, p).last():
        return RekeyLine.parse(last.text).vk or CUSTODY
    first = _sealed(VoteLine.WORD, cid, p).first()
    return (VoteLine.parse(first.text).vk or "") if first else ""


def _takes(bound_to: str, vote: PendingLine) -> bool:
    """Rule R2, by what the seat is bound to."""
    return bound_to in {"", VoteLine.parse(vote.text).vk or CUSTODY}


def _gets_key(vote: PendingLine) -> bool:
    """Whether the seat gets a key in a line that waits: a vote put behind would come after it."""
    waiting = PendingLine.objects.filter(cid=vote.cid, p=vote.p, kind=RekeyLine.WORD)
    return waiting.exists()


def _entry(index: int, line: translog.Line, text: str) -> Entry:
    return Entry(
        log_index=index,
        cid=getattr(line, "cid", ""),
        kind=line.WORD,
        text=text,
        code=look_up_code(leaf_hash(text.encode())),
    )


def _keep_on_roll() -> None:
    """Let accounts and signers that the database lost stay counted: their seats live on."""
    rolls = (
        Entry.objects.filter(cid="", kind="roll")
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
