"""Derived values of `stimme log v1`, sections 3, 4 and 7. Secrets are 32 raw bytes."""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import TYPE_CHECKING

from .encoding import b64, unb64
from .merkle import leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "b64",
    "cause_id",
    "document_hash",
    "live_seats_digest",
    "pseudonym",
    "short_code",
    "text_commitment",
    "unb64",
    "vote_key_seed",
    "vote_signing_text",
]

_ID_BYTES = 16
_SHORT_CODE_BYTES = 15
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"  # base32, RFC 4648, in lower case
_PAIRS = [first + second for first in _LETTERS for second in _LETTERS]


def cause_id(document: bytes) -> str:
    """The cid of a cause document, 22 characters."""
    return b64(sha256(b"stimme/cause/v1\n" + document).digest()[:_ID_BYTES])


def document_hash(document: bytes) -> str:
    """The hash of a cause document in its `cause` line, 43 characters."""
    return b64(sha256(document).digest())


def pseudonym(instance_key: bytes, account_secret: bytes, cid: str) -> str:
    """The pseudonym of one account in one cause, 22 characters.

    Raises ValueError if `cid` is not base64url of 16 bytes in canonical form.
    """
    message = b"stimme/pseudonym/v1\n" + account_secret + unb64(cid)
    return b64(hmac.digest(instance_key, message, "sha256")[:_ID_BYTES])


def vote_key_seed(device_secret: bytes, cid: str) -> bytes:
    """The 32-byte Ed25519 seed of a voter's key in one cause. Raises ValueError as above."""
    return hmac.digest(device_secret, b"stimme/votekey/v1\n" + unb64(cid), "sha256")


def vote_signing_text(origin: str, line_without_sig: str) -> bytes:
    """What a voter's key signs: the vote line up to and including its vk, bound to the log."""
    return f"stimme/vote/v1\n{origin}\n{line_without_sig}".encode()


def short_code(line: str) -> str:
    """The short code of a line: `56ef-evdr-…`. For look-up only; it is no proof."""
    number = int.from_bytes(leaf_hash(line.encode("ascii"))[:_SHORT_CODE_BYTES], "big")
    pairs = [_PAIRS[number >> shift & 1023] for shift in range(110, -1, -10)]
    return "-".join(map(str.__add__, pairs[::2], pairs[1::2]))


def text_commitment(salt: bytes, text: str) -> str:
    """The commitment to a published text in its `text` line, 43 characters."""
    return b64(sha256(b"stimme/text/v1\n" + salt + text.encode()).digest())


def live_seats_digest(lines: Iterable[bytes]) -> str:
    """The digest in a `tally` line, 43 characters.

    `lines` are the live seats of a cause, in any order: of each seat that counts by rule R3
    its last vote line, without LF. They are sorted bytewise, joined with LF (none at the
    end), and hashed with SHA-256.
    """
    return b64(sha256(b"\n".join(sorted(lines))).digest())
