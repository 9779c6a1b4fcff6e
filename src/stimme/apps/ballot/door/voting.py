"""From a ballot to a vote, and from a vote to the answer a browser gets."""

import time
from datetime import UTC, datetime
from functools import lru_cache

import orjson

from stimme.apps.ballot import papers
from stimme.apps.ballot.casting import Cast, Vote
from stimme.apps.ballot.door.requests import BallotRequest, Seen
from stimme.apps.ballot.errors import (
    BadVoteSignature,
    BallotError,
    PaperRefused,
    Stale,
    UnknownChoice,
)
from stimme.apps.ballot.papers import Paper
from stimme.apps.ballot.readings import Reading, bucket
from stimme.apps.ballot.tables import Batch
from stimme.engines.translog import (
    CHOICES,
    PromisedBatch,
    Signer,
    hour_of,
    unb64,
)

_HASH = 32
_HOUR = 3600
_KEY_BYTES, _SIGNATURE_BYTES = 32, 64
_RECENT = 64  # batches whose promise is kept, for the same click again


class Voting:
    """Reads ballots with the key of papers, signs promises with the key of receipts."""

    def __init__(self, *, origin: str, paper_key: bytes, receipt_key: bytes) -> None:
        self.origin = origin
        self._paper_key = paper_key
        self._signer = Signer.from_seed(f"{origin}/receipt", receipt_key)
        self._promise = lru_cache(_RECENT)(self._sign)

    def vote_of(self, ballot: BallotRequest, session: str) -> Vote:
        """Return what is to be cast now. Raises BallotError."""
        return vote_of(self._paper_key, ballot, session, now=time.time())

    def answer(self, cid: str, cast: Cast) -> bytes:
        """The JSON of a vote that counts: its line, and the promise that it will be public."""
        promise = self._promise(cast.batch).file(cast.line, cast.index)
        return orjson.dumps(
            {
                "line": cast.line,
                "promise": promise,
                "receipt": f"/receipt/{cid}/",
                "changed": cast.changed,
            }
        )

    def _sign(self, batch: Batch) -> PromisedBatch:
        joined = batch.leaves
        leaves = [joined[at : at + _HASH] for at in range(0, len(joined), _HASH)]
        return PromisedBatch(self._signer, self.origin, leaves, batch.deadline)


def vote_of(paper_key: bytes, ballot: BallotRequest, session: str, *, now: float) -> Vote:
    """Return what is to be cast, `now` in unix seconds. Raises BallotError."""
    if ballot.choice not in CHOICES:
        raise UnknownChoice
    paper = papers.read(paper_key, session, ballot.paper)
    reading = _reading(paper, ballot.seen, now)
    number = int(now) // _HOUR
    if ballot.vk:
        _check_signed(ballot, number)
    return Vote(
        paper.cid,
        paper.pseudonym,
        ballot.choice,
        paper.level,
        ballot.hour or _hour(number),
        ballot.seq,
        ballot.vk,
        ballot.sig,
        paper.shown.briefed,
        reading,
        paper.shown.link,
    )


def _reading(paper: Paper, seen: Seen | None, now: float) -> int:
    """What is counted of how the vote was read up on; nothing that the paper does not bear out.

    Raises PaperRefused for what only the form of a briefing tells, with another paper.
    """
    shown = paper.shown
    if seen is None:
        return Reading(briefed=bool(shown.briefed), count_seen=shown.count_seen).packed()
    if not shown.briefed:
        raise PaperRefused
    measured = seen.seconds is not None
    elapsed = int(now) - paper.issued
    pairs = [(a, b) for a, b in zip(seen.checked, shown.answers, strict=False) if a is not None]
    return Reading(
        briefed=True,
        count_seen=shown.count_seen,
        measured=measured,
        both_seen=measured and seen.both,
        source_opened=measured and seen.source,
        time=bucket(min(seen.seconds, elapsed)) if seen.seconds is not None else 0,
        checked=len(pairs),
        right=sum(a == b for a, b in pairs),
    ).packed()


def refusal(error: BallotError) -> bytes:
    """The JSON of a vote that was not taken."""
    found: dict[str, str | int] = {"error": error.code}
    if isinstance(error, Stale):
        found |= {"seq": error.seq, "hour": error.hour}
    return orjson.dumps(found)


@lru_cache(4)
def _hour(number: int) -> str:
    """The hour with this number since 1970, as lines spell it."""
    return hour_of(datetime.fromtimestamp(number * _HOUR, UTC))


def _check_signed(ballot: BallotRequest, number: int) -> None:
    """The line must be within the grammar, and of about this hour by the voter's own clock."""
    try:
        lengths = len(unb64(ballot.vk)), len(unb64(ballot.sig))
    except ValueError as error:
        raise BadVoteSignature from error
    if lengths != (_KEY_BYTES, _SIGNATURE_BYTES):
        raise BadVoteSignature
    if ballot.hour not in {_hour(number - 1), _hour(number), _hour(number + 1)}:
        assert ballot.seq is not None
        raise Stale(ballot.seq, _hour(number))
