"""What a witness answers: added once, believed only if it signed, or one way not to cosign."""

from datetime import UTC, datetime

from stimme.apps.ballot.asking import _MOST_BYTES, _cosignature, _Failed, _failed
from stimme.apps.ballot.models import Standing
from stimme.engines.translog import (
    Cosigner,
    KnownWitness,
    NoteError,
    add_cosignatures,
    cosigned_at,
    split_note,
)
from tests.unit.translog.small_log import EXAMPLE, SmallLog, secret

CHECKPOINT = SmallLog.of(EXAMPLE).checkpoints[-1]
WITNESS = Cosigner.from_seed("witness.example/w1", secret("witness"))
COSIGNED = [1_800_000_000, 1_800_000_060]
ASKED = KnownWitness("w1", WITNESS.verifier, "https://witness.example")


def check(data: bytes) -> None:
    added(data)
    by_a_liar(int.from_bytes(data[:8], "big"))
    body = data[:_MOST_BYTES].decode(errors="replace")
    for status in (200, 400, 403, 404, 409, 422, 500):
        failed = _failed("w1", status, body, 0, 4)
        assert failed.standing in Standing
        assert failed.standing != Standing.COSIGNED
    try:
        line = _cosignature(ASKED, CHECKPOINT, body)
    except _Failed:
        return
    assert cosigned_at(add_cosignatures(CHECKPOINT, [line]), WITNESS.verifier) in COSIGNED


def added(data: bytes) -> None:
    lines = data.decode("utf-8", "surrogateescape").splitlines()
    try:
        note = add_cosignatures(CHECKPOINT, lines)
    except NoteError:
        return
    assert note.startswith(CHECKPOINT)
    text, signatures = split_note(note)
    assert text == split_note(CHECKPOINT)[0]
    assert all(signatures.count(one) == 1 for one in signatures)
    assert add_cosignatures(note, lines) == note
    assert cosigned_at(note, WITNESS.verifier) in (None, *COSIGNED)


def by_a_liar(unix_time: int) -> None:
    """A witness may sign any time: what we take as one has a date."""
    note = add_cosignatures(CHECKPOINT, [WITNESS.cosign(CHECKPOINT, unix_time)])
    found = cosigned_at(note, WITNESS.verifier)
    assert found in (None, unix_time)
    assert found is None or datetime.fromtimestamp(found, UTC)
