"""The instance's signing keys. Only who seals asks for the log key: no page and no door."""

from django.conf import settings

from stimme import keys
from stimme.engines.translog import Cosigner, Signer


def log_signer() -> Signer:
    return Signer.from_seed(settings.STIMME.origin, keys.load(settings.STIMME.keys_dir, "log"))


def receipt_signer() -> Signer:
    name = f"{settings.STIMME.origin}/receipt"
    return Signer.from_seed(name, keys.load(settings.STIMME.keys_dir, "receipt"))


def public_keys() -> str:
    """The log's key and the key of receipts, a line each, as the sealer publishes them."""
    return f"{log_signer().vkey}\n{receipt_signer().vkey}\n"


def witness_cosigner() -> Cosigner:
    """The key with which this instance, as a witness, cosigns the logs of others."""
    name = f"{settings.STIMME.address.netloc}/witness"
    return Cosigner.from_seed(name, keys.load(settings.STIMME.keys_dir, "witness"))
