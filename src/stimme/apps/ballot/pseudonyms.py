import hashlib
import hmac

from django.conf import settings

from stimme import keys
from stimme.engines.translog import pseudonym


def pseudonym_of(*, secret: bytes, cid: str) -> str:
    """Return the pseudonym of the account with this secret in one box (22 characters)."""
    return pseudonym(_instance_key(), secret, cid)


def imported_secret(*, source: str, signer: str) -> bytes:
    """Return what stands in for s_a where a signer has no account here."""
    message = b"\n".join([b"stimme/import/v1", source.encode(), signer.encode()])
    return hmac.new(_instance_key(), message, hashlib.sha256).digest()


def _instance_key() -> bytes:
    return keys.load(settings.STIMME.keys_dir, "pseudonym")
