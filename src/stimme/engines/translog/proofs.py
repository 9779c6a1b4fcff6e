"""Receipts as files: proofs of inclusion (C2SP tlog-proof) and promises (section 7).

Both have one layout: a first line, `extra <base64>`, `index <n>`, the hashes leaf to root in
base64, a blank line, and a signed note.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from .encoding import decimal, std64, unstd64
from .errors import NoteError, ProofError, WrongOrigin
from .merkle import HASH_SIZE, leaf_hash, levels_of, verify_inclusion
from .notes import (
    MAX_NOTE,
    Checkpoint,
    Signer,
    Verifier,
    open_checkpoint,
    open_note,
    sign,
)

MAX_PATH = 63


@dataclass(frozen=True)
class _ReceiptFile:
    extra: bytes | None
    index: int
    path: tuple[bytes, ...]
    note: str

    FIRST_LINE: ClassVar[str]

    def encode(self) -> str:
        extra = [] if self.extra is None else [f"extra {std64(self.extra)}"]
        lines = [self.FIRST_LINE, *extra, f"index {self.index}", *map(std64, self.path), ""]
        return "\n".join(lines) + "\n" + self.note

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a file of this kind. Raises ProofError unless it is in canonical form.

        The note is kept as it is: it is read when the file is verified.
        """
        try:
            found = cls._read(text)
        except ValueError as error:
            raise ProofError(f"This is not a file of the form {cls.FIRST_LINE}.") from error
        return found

    @classmethod
    def _read(cls, text: str) -> Self:
        head, blank, note = text[:MAX_NOTE].partition("\n\n")
        first, *rest = head.split("\n")
        extra = unstd64(rest.pop(0)[6:]) if rest and rest[0].startswith("extra ") else None
        word, _, index = rest.pop(0).partition(" ") if rest else ("", "", "")
        path = tuple(unstd64(line) for line in rest)
        wrong = (
            first != cls.FIRST_LINE or not blank or word != "index" or len(text) > MAX_NOTE,
            len(path) > MAX_PATH or any(len(one) != HASH_SIZE for one in path),
        )
        if any(wrong):
            raise ValueError
        return cls(extra, decimal(index), path, note)


@dataclass(frozen=True)
class Proof(_ReceiptFile):
    """A `.tlog-proof`: an entry stands at `index` of the log of a checkpoint."""

    FIRST_LINE = "c2sp.org/tlog-proof@v1"

    @property
    def checkpoint(self) -> str:
        return self.note


@dataclass(frozen=True)
class PromiseFile(_ReceiptFile):
    """A promise that the line in `extra` will be in the log; `index` counts in its batch."""

    FIRST_LINE = "stimme/promise@v1"

    @property
    def line(self) -> str:
        """The promised line. Raises ProofError if there is none."""
        line = self.extra or b""
        if not line or not line.isascii():
            raise ProofError("The promise does not carry the line it promises.")
        return line.decode("ascii")


def verify_proof(proof: Proof, entry: bytes, log_verifier: Verifier, origin: str) -> Checkpoint:
    """The checkpoint under which `proof` proves that `entry` is in the log.

    Raises ProofError if it does not, NoteError subclasses if the checkpoint is not the log's.
    """
    if proof.extra not in (None, entry):
        raise ProofError("The proof carries another line than the one to be proven.")
    checkpoint = open_checkpoint(proof.checkpoint, log_verifier, origin)
    verify_inclusion(leaf_hash(entry), proof.index, checkpoint.size, proof.path, checkpoint.root)
    return checkpoint


def promise_text(origin: str, batch_size: int, root: bytes, deadline: int) -> str:
    """The note text of a promise; `deadline` in unix seconds."""
    return f"{origin} receipt\n{batch_size}\n{std64(root)}\n{deadline}\n"


class PromisedBatch:
    """One signature for the lines committed together, and a promise file for each.

    Takes the leaf hashes in the order of commit, at least one; `deadline` is in unix seconds.
    """

    def __init__(
        self, signer: Signer, origin: str, leaf_hashes: Sequence[bytes], deadline: int
    ) -> None:
        levels = levels_of(leaf_hashes)
        root = levels[-1][0]
        self.deadline = deadline
        self.note = sign(promise_text(origin, len(leaf_hashes), root, deadline), [signer])
        self._paths = _spelt_paths(levels)

    def file(self, line: str, index: int) -> str:
        """The promise file of the line that was committed at `index` of the batch."""
        extra = std64(line.encode("ascii"))
        head = f"{PromiseFile.FIRST_LINE}\nextra {extra}\nindex {index}\n"
        return f"{head}{self._paths[index]}\n{self.note}"


def _spelt_paths(levels: Sequence[Sequence[bytes]]) -> list[str]:
    """The path of each leaf as lines of text: its sibling's, before the path of its parent."""
    paths = [""]
    for level in reversed(levels[:-1]):
        spelt = [f"{std64(node)}\n" for node in level]
        last = len(level) - 1
        paths = [
            (spelt[at ^ 1] if at ^ 1 <= last else "") + paths[at >> 1] for at in range(last + 1)
        ]
    return paths


def promise_batch(
    signer: Signer, origin: str, lines: Sequence[str], deadline: int
) -> list[PromiseFile]:
    """The promise files of the lines committed together."""
    batch = PromisedBatch(signer, origin, [leaf_hash(line.encode()) for line in lines], deadline)
    return [PromiseFile.parse(batch.file(line, index)) for index, line in enumerate(lines)]


@dataclass(frozen=True)
class Promised:
    """A line that must be in the log by `deadline`, in unix seconds."""

    line: str
    deadline: int


def verify_promise(promise: PromiseFile, receipt_verifier: Verifier, origin: str) -> Promised:
    """What a promise binds the operator to.

    Raises ProofError if it does not prove its line, NoteError subclasses if it is not signed
    by the receipt key, WrongOrigin if it belongs to another log.
    """
    line = promise.line
    text = open_note(promise.note, [receipt_verifier]).text
    size, root, deadline = _read_promise_text(text, origin)
    verify_inclusion(leaf_hash(line.encode()), promise.index, size, promise.path, root)
    return Promised(line, deadline)


def _read_promise_text(text: str, origin: str) -> tuple[int, bytes, int]:
    if text.partition("\n")[0] != f"{origin} receipt":
        raise WrongOrigin(f"The promise does not belong to {origin}.")
    try:
        _, size, root, deadline = text.removesuffix("\n").split("\n")
        read = decimal(size), unstd64(root), decimal(deadline)
    except ValueError as error:
        raise NoteError("The text of the promise is malformed.") from error
    return read
