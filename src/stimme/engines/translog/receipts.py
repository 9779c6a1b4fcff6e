"""The receipts of voters, held against a log while it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from .errors import LogError, ProofError
from .merkle import leaf_hash
from .notes import LATEST, Verifier
from .proofs import Promised, PromiseFile, Proof, verify_promise, verify_proof

_SEQ = 4  # the place of the number in a vote line


def _place(line: bytes) -> bytes:
    """What at most one vote line may begin with: cause, seat and seq."""
    return b" ".join(line.split(b" ", 5)[:5])


def _seat(line: bytes) -> bytes:
    """The cause and the seat that a line is about, if it is about any."""
    return b" ".join(line.split(b" ", 4)[2:4])


@dataclass(slots=True)
class _Seat:
    """The number of a seat's last receipt, and what the log shows of the seat beside it."""

    seq: int = -1
    # The last line of each kind.
    lines: dict[bytes, tuple[int, str]] = field(default_factory=dict)

    def look(self, index: int, entry: bytes) -> None:
        kind, number = entry.split(b" ", 5)[1:5:3]
        if kind != b"vote" or (number.isdigit() and int(number) > self.seq):
            self.lines[kind] = index, entry.decode("ascii", "backslashreplace")

    def notes(self) -> list[str]:
        return [
            f"Entry {index} is about the seat of a receipt, too: {text}"
            for index, text in sorted(self.lines.values())
        ]


class Receipts:
    """What receipts claim of a log: call `look` on every entry, then `judge`.

    `checkpoints` are those that the proofs carry, for a look at the log's history.
    """

    def __init__(
        self,
        texts: Sequence[str],
        log_verifier: Verifier,
        receipt_verifier: Verifier | None,
        origin: str,
    ) -> None:
        self.checkpoints: list[str] = []
        self.notes: list[str] = []
        self._faults: list[str] = []
        self._promised: list[Promised] = []
        self._proven: list[tuple[int, bytes]] = []
        self._found: set[bytes] = set()
        self._rivals: dict[bytes, int] = {}
        self._seats: dict[bytes, _Seat] = {}
        self._kept: Counter[tuple[type, bytes]] = Counter()
        for text in texts:
            try:
                if text.startswith(PromiseFile.FIRST_LINE):
                    self._add_promise(text, receipt_verifier, origin)
                else:
                    self._add_proof(text, log_verifier, origin)
            except LogError as error:
                self._faults.append(f"A receipt proves nothing. {error}")
        self._lines = {leaf_hash(one.line.encode()): one.line.encode() for one in self._promised}
        votes = (line for line in self._lines.values() if line.startswith(b"s1 vote "))
        self._places = {_place(line) for line in votes}
        self.notes += [
            "Several of the receipts are for one and the same line. If several people hold them, "
            f"it is one vote all the same: {line.decode('ascii', 'backslashreplace')}"
            for (_kind, line), number in self._kept.items()
            if number > 1
        ]

    def look(self, first: int, entries: Sequence[bytes], hashes: Sequence[bytes]) -> None:
        """Look for promised lines, and for others of their seats, from entry `first` on."""
        self._found.update(self._lines.keys() & set(hashes))
        if not self._seats:
            return
        for index, (entry, leaf) in enumerate(zip(entries, hashes, strict=True), first):
            seat = self._seats.get(_seat(entry))
            if seat is None:
                continue
            seat.look(index, entry)
            if leaf not in self._lines and _place(entry) in self._places:
                self._rivals.setdefault(_place(entry), index)

    def judge(self, hash_at: Callable[[int], bytes | None], size: int, now: int) -> list[str]:
        """The faults, one sentence each, in a log of `size` entries with these leaf hashes."""
        contradicted = [
            f"A receipt proves another line at entry {index} than the log now shows."
            for index, leaf in self._proven
            if index < size and hash_at(index) not in (None, leaf)
        ]
        broken = [self._broken(promised, now) for promised in self._promised]
        self.notes += [note for seat in self._seats.values() for note in seat.notes()]
        return self._faults + contradicted + [one for one in broken if one]

    def _add_promise(self, text: str, verifier: Verifier | None, origin: str) -> None:
        if verifier is None:
            raise ProofError("To check a promise, the log's receipt key is needed.")
        promised = verify_promise(PromiseFile.parse(text), verifier, origin)
        self._promised.append(promised)
        self._keep(PromiseFile, promised.line.encode())

    def _add_proof(self, text: str, verifier: Verifier, origin: str) -> None:
        proof = Proof.parse(text)
        if proof.extra is None:
            raise ProofError("The proof does not carry the line it proves.")
        verify_proof(proof, proof.extra, verifier, origin)
        self._proven.append((proof.index, leaf_hash(proof.extra)))
        self.checkpoints.append(proof.checkpoint)
        self._keep(Proof, proof.extra)

    def _keep(self, kind: type, line: bytes) -> None:
        self._kept[kind, line] += 1
        fields = line.split(b" ")
        if fields[1:2] == [b"vote"] and len(fields) > _SEQ and fields[_SEQ].isdigit():
            seat = self._seats.setdefault(_seat(line), _Seat())
            seat.seq = max(seat.seq, int(fields[_SEQ]))

    def _broken(self, promised: Promised, now: int) -> str | None:
        line = promised.line.encode()
        if leaf_hash(line) in self._found:
            return None
        rival = self._rivals.get(_place(line))
        if rival is not None:
            return f"Entry {rival} contradicts a receipt, which promises: {promised.line}"
        due = datetime.fromtimestamp(min(promised.deadline, LATEST), UTC)
        when = f"{due:%Y-%m-%d %H:%M} UTC"
        if now > promised.deadline:
            return f"A promise was not kept: by {when} the log had to show: {promised.line}"
        self.notes.append(f"A promise is not yet due: until {when} for: {promised.line}")
        return None
