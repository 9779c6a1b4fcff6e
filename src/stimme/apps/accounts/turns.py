"""Turns: the way past a busy network without JavaScript. One waits as long as the page says."""

import math
import secrets
import time
from typing import Any

from django.core import signing

from stimme.apps.accounts import limits
from stimme.apps.accounts.limits import Rate

LONGEST_WAIT = 30 * 60  # seconds
KEPT = 15 * 60  # seconds after its time in which a turn can be taken
# A bucket of one that is not full again before the ticket has run out.
_ONCE = Rate(burst=1, every=2 * (LONGEST_WAIT + KEPT))
_SALT = "stimme.accounts.turns"


class TooManyWaiting(Exception):
    """The next turn would come later than LONGEST_WAIT."""


def reserve(*, network: str) -> str:
    """Reserve the next turn of a network and return its ticket. Raises TooManyWaiting."""
    wait = limits.reserve(key=f"sign-in:{network}", rate=limits.sign_ins(), longest=LONGEST_WAIT)
    if wait is None:
        raise TooManyWaiting
    return signing.dumps([time.time() + wait, secrets.token_hex(16)], salt=_SALT)


def seconds_until(ticket: str) -> int:
    """Return how long to wait for a turn; 0 where it is its time, was, or the ticket is none."""
    held = _read(ticket)
    return max(0, math.ceil(held[0] - time.time())) if held else 0


def is_taken_now(ticket: str) -> bool:
    """Take a turn; False before and long after its time, and the second time."""
    held = _read(ticket)
    if held is None or not 0 <= time.time() - held[0] <= KEPT:
        return False
    return limits.take(key=f"turn:{held[1]}", rate=_ONCE)


def _read(ticket: str) -> Any:  # noqa: ANN401  [time, id], as `reserve` signed them, or None
    try:
        return signing.loads(ticket, salt=_SALT)
    except signing.BadSignature:
        return None
