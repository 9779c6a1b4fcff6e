"""The ballot paper: what a page hands to a signed-in person, and all that casting needs.

Sealed (AES-256-GCM), so it tells nothing, and bound to the session cookie as associated
data, so a stolen page or a form on another site cannot use it.
"""

import secrets
import struct
import time
from base64 import urlsafe_b64decode
from functools import cache
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from stimme.apps.ballot.errors import PaperExpired, PaperRefused
from stimme.engines.translog import b64, unb64

LIFETIME = 4 * 3600  # seconds: a page left open over a long lunch still works
_NONCE_BYTES = 12
# cid, pseudonym, level, briefed, expiry in unix seconds; a byte to make base64 come out even
_LAYOUT = struct.Struct(">16s16sBHxQ")
_LENGTH = len(b64(bytes(_NONCE_BYTES + _LAYOUT.size + 16)))


class Paper(NamedTuple):
    """What a paper says. `briefed` is the number of the briefing that was shown, or 0."""

    cid: str
    pseudonym: str
    level: int
    briefed: int
    expires: int


@cache
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def issue(
    key: bytes, session: str, *, cid: str, pseudonym: str, level: int, briefed: int = 0
) -> str:
    """Return the paper as base64url text of fixed length."""
    expires = int(time.time()) + LIFETIME
    plain = _LAYOUT.pack(unb64(cid), unb64(pseudonym), level, briefed, expires)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return b64(nonce + _cipher(key).encrypt(nonce, plain, session.encode()))


def read(key: bytes, session: str, token: str) -> Paper:
    """Open a paper. Raises PaperRefused (forged, foreign session) or PaperExpired."""
    if len(token) != _LENGTH or not session:
        raise PaperRefused
    try:
        sealed = urlsafe_b64decode(token)
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        plain = _cipher(key).decrypt(nonce, rest, session.encode())
    except (ValueError, InvalidTag) as error:
        raise PaperRefused from error
    cid, pseudonym, level, briefed, expires = _LAYOUT.unpack(plain)
    if expires < time.time():
        raise PaperExpired
    return Paper(b64(cid), b64(pseudonym), level, briefed, expires)
