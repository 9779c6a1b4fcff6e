"""What a witness answers: added once, never beside the checkpoint, believed only if it signed."""

from stimme.engines.translog import Cosigner, NoteError, add_cosignatures, cosigned_at, split_note
from tests.unit.translog.small_log import EXAMPLE, SmallLog, secret

CHECKPOINT = SmallLog.of(EXAMPLE).checkpoints[-1]
WITNESS = Cosigner.from_seed("witness.example/w1", secret("witness"))
COSIGNED = [1_800_000_000, 1_800_000_060]


def check(data: bytes) -> None:
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
