"""A proof of work: a few seconds of calculation, nothing to a person and dear to a robot.

The scheme of ALTCHA, version 2: the browser looks for the counter whose derived key begins as
the challenge says. The challenge is signed, runs out, and counts once.
"""

import json
import secrets
import time

from altcha import Payload, create_challenge, verify_solution
from django.utils.crypto import salted_hmac

from stimme.apps.accounts.limits import Rate, take

ALGORITHM = "PBKDF2/SHA-256"
# Rounds of hashing for each counter, and the counters among which the right one is: a million
# rounds on average, about a second of a laptop and a few of an old phone.
ROUNDS = 5_000
FEWEST, MOST = 100, 300
LIFETIME = 20 * 60  # seconds
# A bucket of one that is not full again before the challenge has run out.
_ONCE = Rate(burst=1, every=2 * LIFETIME)


def challenge() -> str:
    """Return a new challenge, as JSON."""
    made = create_challenge(
        ALGORITHM,
        ROUNDS,
        counter=FEWEST + secrets.randbelow(MOST - FEWEST),
        expires_at=int(time.time()) + LIFETIME,
        hmac_secret=_secret("challenge"),
        hmac_key_secret=_secret("answer"),
    )
    return json.dumps(made.to_dict())


def is_proven(answer: str) -> bool:
    """Say whether `answer` (base64 of challenge and solution) is right, in time, and new."""
    result = verify_solution(answer, _secret("challenge"), hmac_key_secret=_secret("answer"))
    if not result.verified:
        return False
    nonce = Payload.from_base64(answer).challenge.parameters.nonce
    return take(key=f"proof:{nonce}", rate=_ONCE)


def _secret(purpose: str) -> bytes:
    return salted_hmac("stimme.accounts.proof_of_work", purpose, algorithm="sha256").digest()
