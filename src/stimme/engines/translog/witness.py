"""The witness protocol (C2SP tlog-witness), both sides, without network or storage.

A server reads the request with `parse_request`, loads what it holds for `request.origin`,
calls `decide`, and stores `Answer.new_state` by compare-and-swap before it answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .encoding import decimal, std64, unstd64
from .errors import LogError, NoteError, ProofError
from .merkle import EMPTY_ROOT, HASH_SIZE, verify_consistency
from .notes import MAX_NOTE, Checkpoint, Cosigner, Verifier, open_note, split_note

MAX_PROOF_LINES = 63
TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"

State = tuple[int, bytes]
"""Size and root of the last checkpoint cosigned for an origin."""


class RequestError(LogError):
    """The body of an add-checkpoint request is malformed: answer 400."""


@dataclass(frozen=True)
class AddCheckpoint:
    """A request to cosign `checkpoint`, a signed note, after the one of `old_size`."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: str

    def encode(self) -> bytes:
        lines = [f"old {self.old_size}", *map(std64, self.proof), "", ""]
        return ("\n".join(lines) + self.checkpoint).encode()

    @property
    def content(self) -> Checkpoint:
        """The checkpoint, unverified. Raises NoteError."""
        return Checkpoint.parse(split_note(self.checkpoint)[0])

    @property
    def origin(self) -> str:
        return self.content.origin


@dataclass(frozen=True)
class Answer:
    """An HTTP answer. With a `new_state`, store it first, in place of the old one."""

    status: int
    body: str = ""
    content_type: str = TEXT
    new_state: State | None = None


def build_request(old_size: int, proof: Sequence[bytes], checkpoint: str) -> bytes:
    """The body for `POST <prefix>/add-checkpoint`."""
    return AddCheckpoint(old_size, tuple(proof), checkpoint).encode()


def parse_request(body: bytes) -> AddCheckpoint:
    """Raises RequestError for anything but a canonical request with a checkpoint."""
    try:
        request = _read(body)
        _ = request.content
    except (ValueError, NoteError) as error:
        raise RequestError("This is not an add-checkpoint request.") from error
    return request


def _read(body: bytes) -> AddCheckpoint:
    if len(body) > MAX_NOTE:
        raise ValueError
    head, blank, checkpoint = body.decode().partition("\n\n")
    first, *lines = head.split("\n")
    proof = tuple(unstd64(line) for line in lines)
    well_formed = blank and first.startswith("old ") and len(proof) <= MAX_PROOF_LINES
    if not well_formed or any(len(one) != HASH_SIZE for one in proof):
        raise ValueError
    return AddCheckpoint(decimal(first.removeprefix("old ")), proof, checkpoint)


def decide(
    request: AddCheckpoint,
    stored: State | None,
    verifiers: Sequence[Verifier],
    cosigner: Cosigner,
    now: int,
) -> Answer:
    """What a witness answers; `verifiers` are the keys it trusts for `request.origin`.

    `stored` is None if it never cosigned that log; `now` in unix seconds.
    """
    if not verifiers:
        return Answer(404, "This witness does not know the origin.\n")
    try:
        open_note(request.checkpoint, verifiers)
    except NoteError:
        return Answer(403, "No valid signature of a trusted key.\n")
    return _advance(request, stored or (0, EMPTY_ROOT), cosigner, now)


def _advance(request: AddCheckpoint, stored: State, cosigner: Cosigner, now: int) -> Answer:
    new = request.content
    size, root = stored
    if request.old_size > new.size:
        return Answer(400, "The old size is larger than the checkpoint.\n")
    if request.old_size != size:
        return Answer(409, f"{size}\n", SIZE)
    if new.size == size and new.root != root:
        return Answer(409, "This witness has cosigned another root of this size.\n")
    try:
        verify_consistency(size, new.size, request.proof, root, new.root)
    except ProofError as error:
        return Answer(422, f"{error}\n")
    line = cosigner.cosign(request.checkpoint, now)
    return Answer(200, f"{line}\n", TEXT, (new.size, new.root))
