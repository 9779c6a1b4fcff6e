"""A signed note: canonical, refused by NoteError alone, and open only if we signed its text."""

from stimme.engines.translog import Checkpoint, NoteError, open_checkpoint, open_note, split_note
from tests.unit.translog.small_log import EXAMPLE, LOG_KEY, ORIGIN, SmallLog

LOG = SmallLog.of(EXAMPLE[:1], EXAMPLE[1:3], EXAMPLE[3:])
SIGNED = [split_note(note)[0] for note in LOG.checkpoints]


def check(data: bytes) -> None:
    note = data.decode("utf-8", "surrogateescape")
    try:
        text, signatures = split_note(note)
    except NoteError:
        return
    assert text + "\n" + "".join(f"{one}\n" for one in signatures) == note
    assert 0 < len(signatures) <= 100
    assert all(one >= " " for one in note.replace("\n", ""))
    try:
        assert open_note(note, [LOG_KEY.verifier]).text in SIGNED
        assert open_checkpoint(note, LOG_KEY.verifier, ORIGIN) == Checkpoint.parse(text)
    except NoteError:
        return
