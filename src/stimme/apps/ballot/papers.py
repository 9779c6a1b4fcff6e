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
from stimme.apps.ballot.readings import MOST_QUESTIONS
from stimme.engines.translog import b64, unb64

LIFETIME = 4 * 3600  # seconds: a page left open over a long lunch still works
_NONCE_BYTES = 12
# cid, pseudonym, level, count seen, right answers, briefed, link, time of issue in unix seconds
_LAYOUT = struct.Struct(f">16s16sB?{MOST_QUESTIONS}sHII")
_LENGTH = len(b64(bytes(_NONCE_BYTES + _LAYOUT.size + 16)))


class Shown(NamedTuple):
    """What its voter was shown together with a paper.

    `briefed` is 1 + the edition of the briefing, or 0 for none. `answers` are the right options of
    the briefing's self-check. `link` is the link by which the voter came, or 0.
    """

    briefed: int = 0
    count_seen: bool = False
    answers: tuple[int, ...] = ()
    link: int = 0


NOTHING = Shown()


class Paper(NamedTuple):
    """What a paper says."""

    cid: str
    pseudonym: str
    level: int
    shown: Shown
    issued: int


@cache
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def issue(
    key: bytes, session: str, *, cid: str, pseudonym: str, level: int, shown: Shown = NOTHING
) -> str:
    """Return the paper as base64url text of fixed length."""
    options = bytes(1 + option for option in shown.answers)  # and 0 where there is no question
    plain = _LAYOUT.pack(
        unb64(cid),
        unb64(pseudonym),
        level,
        shown.count_seen,
        options,
        shown.briefed,
        shown.link,
        int(time.time()),
    )
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
    cid, pseudonym, level, count_seen, options, briefed, link, issued = _LAYOUT.unpack(plain)
    if issued + LIFETIME < time.time():
        raise PaperExpired
    answers = tuple(option - 1 for option in options if option)
    return Paper(b64(cid), b64(pseudonym), level, Shown(briefed, count_seen, answers, link), issued)
