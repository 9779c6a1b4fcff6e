"""The name under which mails to an account are noted: nobody reads the account in it.

It is the account's number, encrypted so that the same number gives the same name (AES-SIV,
RFC 5297). The key hangs on that of the pseudonyms, which never is in the database.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

from stimme import keys

_PURPOSE = b"stimme/mailings/v1"
_BYTES = 8


def name_of(account: int) -> str:
    """Return 32 characters that stand for an account."""
    sealed = _cipher().encrypt(account.to_bytes(_BYTES, "big"), [_PURPOSE])
    return urlsafe_b64encode(sealed).decode()


def account_of(name: str) -> int | None:
    """Return the account, or None for a name that was made with another key."""
    try:
        return int.from_bytes(_cipher().decrypt(urlsafe_b64decode(name), [_PURPOSE]), "big")
    except (InvalidTag, ValueError):
        return None


def message_key(name: str, points: list[int]) -> str:
    """Return what tells one mail from all others, and is the same when it is made again."""
    text = f"{name} {sorted(points)}".encode()
    return hmac.digest(_key(), text, hashlib.sha256).hex()[:32]


def _key() -> bytes:
    master = keys.load(settings.STIMME.keys_dir, "pseudonym")
    return hmac.digest(master, _PURPOSE, hashlib.sha256)


@cache
def _cipher_of(key: bytes) -> AESSIV:
    return AESSIV(key)


def _cipher() -> AESSIV:
    return _cipher_of(_key())
