"""Canonical text forms of bytes and numbers: one value, one spelling."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def std64(data: bytes) -> str:
    """Standard base64 with padding, as in signed notes and proofs."""
    return base64.b64encode(data).decode("ascii")


def unstd64(text: str) -> bytes:
    """Raises ValueError unless `text` is the one canonical spelling."""
    return _decode(text, text, b"+/", std64)


def b64(data: bytes) -> str:
    """base64url without padding, as in the lines of the log."""
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def unb64(text: str) -> bytes:
    """Raises ValueError unless `text` is the one canonical spelling."""
    return _decode(text, text + "=" * (-len(text) % 4), b"-_", b64)


def _decode(text: str, padded: str, letters: bytes, spell: Callable[[bytes], str]) -> bytes:
    try:
        data = base64.b64decode(padded, letters, validate=True)
    except ValueError:
        data = b""
    if spell(data) != text:
        raise ValueError("This base64 is not in canonical form.")
    return data


def decimal(text: str) -> int:
    """A number below 10^19 without sign or leading zeros. Raises ValueError."""
    if _DECIMAL.fullmatch(text) is None:
        raise ValueError("A number must be decimal, without leading zeros.")
    return int(text)
