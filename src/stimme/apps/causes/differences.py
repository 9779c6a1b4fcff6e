import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_PIECE = re.compile(r"\s+|\S+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words that both wordings have, or only the old or only the new one."""

    kind: Literal["same", "removed", "added"]
    text: str


def differences(old: str, new: str) -> list[Piece]:
    """Compare two wordings word by word. What is not removed reads as the new wording."""
    before, after = _PIECE.findall(old), _PIECE.findall(new)
    pieces: list[Piece] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for operation, a, b, c, d in matcher.get_opcodes():
        if operation == "equal":
            pieces.append(Piece("same", "".join(before[a:b])))
            continue
        if a < b:
            pieces.append(Piece("removed", "".join(before[a:b])))
        if c < d:
            pieces.append(Piece("added", "".join(after[c:d])))
    return pieces
