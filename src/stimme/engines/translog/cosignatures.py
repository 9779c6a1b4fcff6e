"""Timestamped cosignatures of checkpoints by witnesses (C2SP tlog-cosignature v1, type 0x04)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .notes import (
    COSIGNATURE_KEY,
    Checkpoint,
    Signature,
    Verifier,
    add_signatures,
    split_note,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_TIME_SIZE = 8


def _message(text: str, unix_time: int) -> str:
    return f"cosignature/v1\ntime {unix_time}\n{text}"


class CosignatureVerifier(Verifier):
    """The public key of a witness, type 0x04."""

    KIND = COSIGNATURE_KEY

    def verify(self, text: str, signature: bytes) -> bool:
        """Whether `signature`, time included, is this witness's over a checkpoint text."""
        unix_time = int.from_bytes(signature[:_TIME_SIZE], "big")
        return super().verify(_message(text, unix_time), signature[_TIME_SIZE:])


class Cosigner:
    """The private key of a witness, type 0x04."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = CosignatureVerifier(name, self._key.public_key().public_bytes_raw())
        self.name = name
        self.vkey = self.verifier.vkey

    @classmethod
    def from_seed(cls, name: str, seed: bytes) -> Self:
        """`seed` has 32 bytes (else ValueError). Raises NoteError for a bad name."""
        return cls(name, seed)

    def cosign(self, checkpoint_note: str, unix_time: int) -> str:
        """The cosignature line, without LF, for a signed checkpoint.

        Raises NoteError if it is none. Whether to cosign it is decided elsewhere.
        """
        text, _ = split_note(checkpoint_note)
        Checkpoint.parse(text)
        signature = self._key.sign(_message(text, unix_time).encode())
        blob = unix_time.to_bytes(_TIME_SIZE, "big") + signature
        return str(Signature(self.name, self.verifier.key_id, blob))


def cosigned_at(checkpoint_note: str, witness: CosignatureVerifier) -> int | None:
    """The latest unix time at which `witness` cosigned, or None if it did not.

    Raises NoteError for a malformed note. A wrong signature counts as none.
    """
    text, signatures = split_note(checkpoint_note)
    times = [
        int.from_bytes(one.blob[:_TIME_SIZE], "big")
        for one in signatures
        if (one.name, one.key_id) == (witness.name, witness.key_id)
        and witness.verify(text, one.blob)
    ]
    return max(times, default=None)


def add_cosignatures(note: str, lines: Sequence[str]) -> str:
    """The note with signature lines added, each once.

    Raises NoteError if the note or a line is malformed. Check lines from outside with
    `cosigned_at` on the result.
    """
    _, present = split_note(note)
    fresh = [one for one in map(Signature.parse, dict.fromkeys(lines)) if one not in present]
    joined = add_signatures(note, fresh)
    split_note(joined)
    return joined
