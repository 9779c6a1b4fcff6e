"""The receipts of voters, held against a log while it is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from .errors import LogError, ProofError
from .merkle import leaf_hash
from .notes import Verifier
from .proofs import Promised, PromiseFile, Proof, verify_promise, verify_proof

_LATEST = 253_402_300_799  # The last second of the year 9999, the last that has a date.


def _place(line: bytes) -> bytes:
    """What at most one vote line may begin with: cause, seat and seq."""
    return b" ".join(line.split(b" ", 5)[:5])


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

    def look(self, first: int, entries: Sequence[bytes], hashes: Sequence[bytes]) -> None:
        """Look for promised lines, and for others in their place, from entry `first` on."""
        if not self._lines:
            return
        self._found.update(self._lines.keys() & set(hashes))
        for index, (entry, leaf) in enumerate(zip(entries, hashes, strict=True), first):
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
        return self._faults + contradicted + [one for one in broken if one]

    def _add_promise(self, text: str, verifier: Verifier | None, origin: str) -> None:
        if verifier is None:
            raise ProofError("To check a promise, the log's receipt key is needed.")
        self._promised.append(verify_promise(PromiseFile.parse(text), verifier, origin))

    def _add_proof(self, text: str, verifier: Verifier, origin: str) -> None:
        proof = Proof.parse(text)
        if proof.extra is None:
            raise ProofError("The proof does not carry the line it proves.")
        verify_proof(proof, proof.extra, verifier, origin)
        self._proven.append((proof.index, leaf_hash(proof.extra)))
        self.checkpoints.append(proof.checkpoint)

    def _broken(self, promised: Promised, now: int) -> str | None:
        line = promised.line.encode()
        if leaf_hash(line) in self._found:
            return None
        rival = self._rivals.get(_place(line))
        if rival is not None:
            return f"Entry {rival} contradicts a receipt, which promises: {promised.line}"
        due = datetime.fromtimestamp(min(promised.deadline, _LATEST), UTC)
        when = f"{due:%Y-%m-%d %H:%M} UTC"
        if now > promised.deadline:
            return f"A promise was not kept: by {when} the log had to show: {promised.line}"
        self.notes.append(f"A promise is not yet due: until {when} for: {promised.line}")
        return None
