"""Everything this engine refuses, as exceptions whose text is one plain sentence."""

from __future__ import annotations


class LogError(Exception):
    """Base of all errors of the public log."""


class ProofError(LogError):
    """A Merkle proof, or a file that carries one, does not prove what it claims."""


class TileError(LogError):
    """A resource path is not canonical, or a tile or bundle is malformed."""


class MissingResource(TileError, FileNotFoundError):
    """A resource that the log must serve is not there."""


class NoteError(LogError):
    """A text is not a signed note, a checkpoint, or a key in canonical form."""


class UnverifiedNote(NoteError):
    """No signature on the note comes from a key we know."""


class BadSignature(NoteError):
    """A signature bears the name and id of a key we know, and is wrong."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The signature in the name of {name} is wrong.")
        self.name = name


class WrongOrigin(NoteError):
    """A checkpoint belongs to another log."""


class GrammarError(LogError):
    """A line is outside the grammar of `stimme log v1`."""
