"""Signed notes, checkpoints, and cosignatures of witnesses; Ed25519 only.

As in C2SP signed-note, tlog-checkpoint and tlog-cosignature v1.

A note is a text that ends in LF, a blank line, and signature lines
`— <name> <base64(key id || signature)>`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .encoding import decimal, std64, unstd64
from .errors import BadSignature, NoteError, UnverifiedNote, WrongOrigin
from .merkle import HASH_SIZE

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTE_KEY = 1
COSIGNATURE_KEY = 4
MAX_SIGNATURES = 100
MAX_NOTE = 1_000_000
LATEST = 253_402_300_799  # unix seconds: the end of the year 9999, the last that has a date

_KEY_SIZE = 32
_ID_SIZE = 4
_TIME_SIZE = 8
_NAME = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]{1,1000}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_KEY_ID = re.compile(r"[0-9a-f]{8}")


def _key_id(name: str, kind: int, public_key: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([kind]) + public_key).digest()[:_ID_SIZE]


def check_name(name: str) -> str:
    """Raises NoteError for a name that is empty, no Unicode, or with white space, `+`, controls."""
    if _NAME.fullmatch(name) is None:
        raise NoteError(f"{name[:80]!r} cannot be the name of a key.")
    return name


def _split_key(text: str, what: str) -> tuple[str, bytes, int, bytes]:
    """Name, key id, type and key of `name+id+base64(type || key)`. Raises NoteError."""
    try:
        name, key_id, blob = text.split("+", 2)
        data = unstd64(blob)
        well_formed = _KEY_ID.fullmatch(key_id) and len(data) == 1 + _KEY_SIZE
    except ValueError:
        well_formed = None
    if not well_formed:
        raise NoteError(f"This is not a {what} key in the form name+id+base64.")
    return check_name(name), bytes.fromhex(key_id), data[0], data[1:]


@dataclass(frozen=True)
class Signature:
    """One signature line. `blob` follows the key id; its layout is the key type's matter."""

    name: str
    key_id: bytes
    blob: bytes

    def __str__(self) -> str:
        return f"— {self.name} {std64(self.key_id + self.blob)}"

    @classmethod
    def parse(cls, line: str) -> Self:
        """Read a signature line without its LF. Raises NoteError."""
        try:
            dash, name, blob = line.split(" ")
            data = unstd64(blob)
        except ValueError:
            dash, name, data = "", "", b""
        if dash != "—" or len(data) <= _ID_SIZE:
            raise NoteError("A signature line of the note is malformed.")
        return cls(check_name(name), data[:_ID_SIZE], data[_ID_SIZE:])


class Verifier:
    """A public key of type 0x01 with its name."""

    KIND = NOTE_KEY

    def __init__(self, name: str, public_key: bytes) -> None:
        self.name = check_name(name)
        self.public_key = public_key
        self.key_id = _key_id(name, self.KIND, public_key)
        self._key = Ed25519PublicKey.from_public_bytes(public_key)

    @classmethod
    def from_vkey(cls, vkey: str) -> Self:
        """Raises NoteError unless `vkey` is `name+id+base64` of this class's key type."""
        name, key_id, kind, public_key = _split_key(vkey, "public")
        if kind != cls.KIND:
            raise NoteError(f"The key of {name} has type {kind} instead of {cls.KIND}.")
        verifier = cls(name, public_key)
        if verifier.key_id != key_id:
            raise NoteError(f"The id of the key of {name} does not belong to it.")
        return verifier

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{std64(bytes([self.KIND]) + self.public_key)}"

    def verify(self, text: str, signature: bytes) -> bool:
        """Whether `signature`, without key id, is this key's over a note text."""
        return self._holds(text.encode(), signature)

    def _holds(self, message: bytes, signature: bytes) -> bool:
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class Signer:
    """A private key of type 0x01 with its name."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, self._key.public_key().public_bytes_raw())
        self.name = name
        self.vkey = self.verifier.vkey

    @classmethod
    def from_seed(cls, name: str, seed: bytes) -> Self:
        """`seed` has 32 bytes (else ValueError). Raises NoteError for a bad name."""
        return cls(name, seed)

    @classmethod
    def from_skey(cls, skey: str) -> Self:
        """Read `PRIVATE+KEY+name+id+base64`. Raises NoteError, which never shows the key."""
        prefix = "PRIVATE+KEY+"
        name, key_id, kind, seed = _split_key(skey.removeprefix(prefix), "private")
        signer = cls(name, seed)
        if not skey.startswith(prefix) or kind != NOTE_KEY or signer.verifier.key_id != key_id:
            raise NoteError(f"The private key of {name} is damaged or of another type.")
        return signer

    @property
    def skey(self) -> str:
        key_id = self.verifier.key_id.hex()
        return f"PRIVATE+KEY+{self.name}+{key_id}+{std64(bytes([NOTE_KEY]) + self._seed)}"

    def sign_note(self, text: str) -> Signature:
        """Raises NoteError if `text` cannot be the text of a note."""
        check_text(text)
        return Signature(self.name, self.verifier.key_id, self._key.sign(text.encode()))


def check_text(text: str) -> None:
    """Raises NoteError unless `text` can be the text of a note."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        size = MAX_NOTE + 1
    if not text.endswith("\n") or _CONTROL.search(text) or size > MAX_NOTE:
        raise NoteError("A note must be Unicode text of bounded size that ends in a line feed.")


def sign(text: str, signers: Sequence[Signer]) -> str:
    """A signed note. Raises NoteError if `text` cannot be the text of a note."""
    return add_signatures(text + "\n", [signer.sign_note(text) for signer in signers])


def add_signatures(note: str, signatures: Sequence[Signature]) -> str:
    return note + "".join(f"{signature}\n" for signature in signatures)


def split_note(note: str) -> tuple[str, list[Signature]]:
    """The text of a note and its signatures, unchecked. Raises NoteError if malformed."""
    check_text(note)
    text, blank, signed = note.rpartition("\n\n")
    lines = signed.split("\n")[:-1]
    if not blank or not 0 < len(lines) <= MAX_SIGNATURES:
        raise NoteError("This is not a signed note: it needs a text, a blank line, and signatures.")
    return text + "\n", [Signature.parse(line) for line in lines]


@dataclass(frozen=True)
class OpenedNote:
    """The text of a note, with the signatures of keys we know and of others."""

    text: str
    verified: list[Signature]
    unverified: list[Signature]


def open_note(note: str, verifiers: Sequence[Verifier]) -> OpenedNote:
    """Check a note against known keys.

    Raises BadSignature if a known key's signature is wrong, UnverifiedNote if there is none,
    NoteError if the note is malformed.
    """
    text, signatures = split_note(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    verified, unverified = [], []
    for signature in signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is None:
            unverified.append(signature)
        elif verifier.verify(text, signature.blob):
            verified.append(signature)
        else:
            raise BadSignature(signature.name)
    if not verified:
        raise UnverifiedNote("The note bears no signature of a key we know.")
    return OpenedNote(text, verified, unverified)


@dataclass(frozen=True)
class Checkpoint:
    """The size and root of the log `origin`; as note text one line each, then extensions."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def encode(self) -> str:
        lines = (self.origin, str(self.size), std64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a checkpoint note. Raises NoteError unless canonical."""
        try:
            origin, size, root, *extensions = text.removesuffix("\n").split("\n")
            found = cls(origin, decimal(size), unstd64(root), tuple(extensions))
        except ValueError:
            found = None
        if (
            found is None
            or len(found.root) != HASH_SIZE
            or not all((found.origin, *found.extensions))
            or found.encode() != text
        ):
            raise NoteError("This is not a checkpoint: it needs an origin, a size and a root.")
        return found


def open_checkpoint(note: str, verifier: Verifier, origin: str) -> Checkpoint:
    """The checkpoint in a note signed by the log.

    Raises WrongOrigin, BadSignature, UnverifiedNote or NoteError.
    """
    found = Checkpoint.parse(split_note(note)[0])
    if found.origin != origin:
        raise WrongOrigin(f"The checkpoint belongs to {found.origin[:200]}, not to {origin}.")
    open_note(note, [verifier])
    return found


def _message(text: str, unix_time: int) -> str:
    return f"cosignature/v1\ntime {unix_time}\n{text}"


class CosignatureVerifier(Verifier):
    """The public key of a witness, type 0x04."""

    KIND = COSIGNATURE_KEY

    def verify(self, text: str, signature: bytes) -> bool:
        """Whether `signature`, time included, is this witness's over a checkpoint text.

        One at a time beyond all dates is not: whoever shows it to people would fail.
        """
        unix_time = int.from_bytes(signature[:_TIME_SIZE], "big")
        return unix_time <= LATEST and super().verify(
            _message(text, unix_time), signature[_TIME_SIZE:]
        )


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
