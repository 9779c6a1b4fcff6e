"""Many lines: the replay and a recount by hand raise the same alarms and count the same seats.

A vote line that ends in `*` gets the right signature of the voter's key of the tests.
"""

from concurrent.futures import ThreadPoolExecutor

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stimme.engines.translog import Replay, b64, vote_signing_text
from tests.fuzz.plain import Recount
from tests.unit.translog.small_log import ORIGIN, secret

MOST_LINES = 100
VOTER = Ed25519PrivateKey.from_private_bytes(secret("a voter"))
POOL = ThreadPoolExecutor(1)


def signed(entry: bytes) -> bytes:
    if not entry.startswith(b"s1 vote ") or not entry.endswith(b" *") or not entry.isascii():
        return entry
    line = entry[:-2].decode("ascii")
    return f"{line} {b64(VOTER.sign(vote_signing_text(ORIGIN, line)))}".encode()


def check(data: bytes) -> None:
    entries = [signed(entry) for entry in data.split(b"\n")[:MOST_LINES]]
    replay, parallel = Replay(ORIGIN), Replay(ORIGIN)
    for index, entry in enumerate(entries):
        replay.feed(index, entry)
    parallel.feed_many(0, entries, POOL)
    replay.finish()
    parallel.finish()
    assert replay.alarms == parallel.alarms
    assert replay.summaries() == parallel.summaries()
    recount = Recount(ORIGIN).take(entries)
    found = [(one.index, one.rule) for one in replay.alarms]
    assert found == recount.alarms + [(None, "R5")] * recount.above_roll()
    assert replay.tallies() == recount.tallies() == parallel.tallies()
