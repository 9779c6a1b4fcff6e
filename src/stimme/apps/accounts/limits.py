"""How often is too often: token buckets in the database, the same for every process.

A bucket is one number, the moment at which it will be full again; taking a token moves that
moment on. (The generic cell rate algorithm of ITU-T I.371, annex A, with full_at for TAT.)
"""

import time
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.utils.crypto import salted_hmac

from stimme.apps.accounts.canonical import canonical
from stimme.apps.accounts.models import Bucket

_MICROSECONDS = 1_000_000
_MINUTE = 60
# Seconds by which the clocks of two who want the last token may differ, also because one of
# them waited for the other to write. At most half a token, so that nobody gets one too many.
_CLOCKS = 1.0
# Seconds for which tokens are ever reserved in advance, with room to spare. A bucket that says it
# is full again even later was drawn from by a clock that has since been set back: it is full.
_LONGEST = 3600.0
# One statement, so that of two who want the last token one gets it, on SQLite and PostgreSQL
# alike. No row comes back where the bucket is too empty.
_DRAW = """
    INSERT INTO accounts_bucket (key, full_at) VALUES (%(key)s, %(now)s + %(every)s)
    ON CONFLICT (key) DO UPDATE SET full_at = %(every)s + CASE
        WHEN accounts_bucket.full_at BETWEEN %(now)s AND %(possible)s THEN accounts_bucket.full_at
        ELSE %(now)s END
    WHERE accounts_bucket.full_at <= %(latest)s OR accounts_bucket.full_at > %(possible)s
    RETURNING full_at
"""


class Rate(NamedTuple):
    burst: int  # so many at once from a full bucket
    every: float  # seconds until there is one more


# Codes that one mailbox is sent for one network or account, and codes to new addresses that one
# account asks for.
CODES = Rate(burst=5, every=6 * _MINUTE)
# Codes that one mailbox is sent for all. More than CODES: whoever asks for codes in the name of
# somebody else must not use up those that the owner of the mailbox asks for.
CODES_IN_ALL = Rate(burst=20, every=3 * _MINUTE)


def sign_ins() -> Rate:
    """Return how many may sign in from one network without a proof of work."""
    number = settings.STIMME.sign_ins_per_minute
    return Rate(burst=number, every=_MINUTE / number)


def take_code(*, email: str, asked_from: str) -> bool:
    """Take one of the codes that a mailbox may be sent, whichever of its addresses is named.

    `asked_from` is the network, or the account, of whoever asks.
    """
    mailbox = canonical(email)
    narrow = take(key=f"code:{mailbox}:{asked_from}", rate=CODES)
    return narrow and take(key=f"code:{mailbox}", rate=CODES_IN_ALL)


def take(*, key: str, rate: Rate) -> bool:
    """Take a token from the bucket `key`; return False, and take none, where it is empty."""
    return _draw(key, rate, beyond=0) is not None


def reserve(*, key: str, rate: Rate, longest: float) -> float | None:
    """Take the next token there will be; return the seconds until then, 0 if it is there now.

    Returns None, and reserves nothing, where that would take longer than `longest` seconds.
    """
    full_at = _draw(key, rate, beyond=longest)
    if full_at is None:
        return None
    return max(0.0, full_at / _MICROSECONDS - rate.burst * rate.every - time.time())


def is_empty(*, key: str, rate: Rate) -> bool:
    """Say whether `take` would be refused, without taking."""
    latest, possible = _latest(rate, beyond=0), _possible(rate)
    empty = Bucket.objects.filter(key=_hashed(key), full_at__gt=latest, full_at__lte=possible)
    return empty.exists()


def _draw(key: str, rate: Rate, *, beyond: float) -> int | None:
    """Move the bucket's `full_at` on by one token, unless the bucket is emptier than allowed."""
    values: dict[str, str | int] = {
        "key": _hashed(key),
        "now": _micro(time.time()),
        "every": _micro(rate.every),
        "latest": _latest(rate, beyond=beyond),
        "possible": _possible(rate),
    }
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, values)
        row = cursor.fetchone()
    return row[0] if row else None


def _latest(rate: Rate, *, beyond: float) -> int:
    """Until when a bucket may be full again and still give one, now or in `beyond` seconds."""
    tolerance = min(_CLOCKS, rate.every / 2)
    return _micro(time.time() + (rate.burst - 1) * rate.every + beyond + tolerance)


def _possible(rate: Rate) -> int:
    """When a bucket will be full again at the latest, however much was drawn from it."""
    return _latest(rate, beyond=_LONGEST + rate.every)


def _micro(seconds: float) -> int:
    return int(seconds * _MICROSECONDS)


def _hashed(key: str) -> str:
    return salted_hmac("stimme.accounts.limits", key, algorithm="sha256").hexdigest()
