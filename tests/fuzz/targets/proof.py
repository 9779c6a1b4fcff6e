"""A proof file: one spelling, and it proves only what stands in a log that we signed."""

from stimme.engines.translog import (
    Checkpoint,
    LogError,
    NoteError,
    Proof,
    ProofError,
    leaf_hash,
    sign,
    split_note,
    verify_proof,
)
from tests.unit.translog.small_log import EXAMPLE, LOG_KEY, ORIGIN, SmallLog

LOG = SmallLog.of(EXAMPLE[:1], EXAMPLE[1:3], EXAMPLE[3:])
ENTRIES = [line.encode() for line in EXAMPLE]


def check(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    try:
        proof = Proof.parse(text)
    except ProofError:
        return
    assert proof.encode() == text
    assert len(proof.path) <= 63
    for entry in [*ENTRIES, proof.extra or b""]:
        try:
            checkpoint = verify_proof(proof, entry, LOG_KEY.verifier, ORIGIN)
        except LogError:
            continue
        assert ENTRIES[proof.index] == entry
        assert proof.extra in (None, entry)
        assert proof.index < checkpoint.size <= len(ENTRIES)
    by_a_liar(proof)


def by_a_liar(proof: Proof) -> None:
    """The log itself may sign anything."""
    try:
        note = sign(split_note(proof.note)[0], [LOG_KEY])
    except NoteError:
        return
    forged = Proof(proof.extra, proof.index, proof.path, note)
    entry = proof.extra or b""
    try:
        checkpoint = verify_proof(forged, entry, LOG_KEY.verifier, ORIGIN)
    except LogError:
        return
    assert checkpoint == Checkpoint.parse(split_note(note)[0])
    assert proof.path or (checkpoint.size, checkpoint.root) == (1, leaf_hash(entry))
