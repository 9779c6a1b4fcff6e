import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_WORD = re.compile(r"\S+\s*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words that both wordings have, or only the old or only the new one."""

    kind: Literal["same", "removed", "added"]
    text: str


def differences(old: str, new: str) -> list[Piece]:
    """Compare two wordings word by word. What is not removed reads as the new wording."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    pieces: list[Piece] = []
    # In long texts, frequent words only extend a match: without that, a text of two words in
    # turn would take seconds.
    matcher = SequenceMatcher(None, old.split(), new.split(), autojunk=True)
    for operation, a, b, c, d in matcher.get_opcodes():
        if operation == "equal":
            pieces.append(Piece("same", "".join(after[c:d])))
            continue
        if a < b:
            pieces.append(Piece("removed", "".join(before[a:b])))
        if c < d:
            pieces.append(Piece("added", "".join(after[c:d])))
    return pieces
