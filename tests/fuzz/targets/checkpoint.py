"""The text of a checkpoint: one spelling; signed by the log, it opens as what it says."""

from base64 import b64decode

from stimme.engines.translog import Checkpoint, NoteError, open_checkpoint, sign
from tests.unit.translog.small_log import LOG_KEY, ORIGIN


def is_plain(text: str) -> bool:
    """Section 1 of the format, read by hand."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines):
        return False
    _, size, root, *_ = lines
    if not (size.isascii() and size.isdecimal() and len(size) <= 19 and str(int(size)) == size):
        return False
    return is_hash(root)


def is_hash(text: str) -> bool:
    try:
        whole = len(b64decode(text, validate=True)) == 32
    except ValueError:
        return False
    return whole and text[-2:] in [f"{letter}=" for letter in "AEIMQUYcgkosw048"]


def check(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    try:
        found = Checkpoint.parse(text)
    except NoteError:
        assert not is_plain(text)
        return
    assert is_plain(text)
    assert found.encode() == text
    try:
        note = sign(text, [LOG_KEY])
    except NoteError:
        return
    try:
        assert open_checkpoint(note, LOG_KEY.verifier, ORIGIN) == found
    except NoteError:
        assert found.origin != ORIGIN
