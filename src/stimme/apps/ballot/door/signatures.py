"""Votes signed by the voter's own key: checked before they are counted."""

from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from stimme.apps.ballot.casting import Vote
from stimme.engines.translog import unb64, unsigned_vote, vote_signing_text


def holds(origin: str, vote: Vote) -> bool:
    """Whether the signature of a vote is that of its key, over the line as it will be."""
    assert vote.seq is not None
    line = unsigned_vote(
        vote.cid, vote.pseudonym, vote.seq, vote.choice, str(vote.level), vote.hour, vote.vk
    )
    try:
        key = Ed25519PublicKey.from_public_bytes(unb64(vote.vk))
        key.verify(unb64(vote.sig), vote_signing_text(origin, line))
    except (ValueError, InvalidSignature):
        return False
    return True


def hold(origin: str, votes: Sequence[Vote]) -> list[bool]:
    """The same for several, in their order."""
    return [holds(origin, vote) for vote in votes]
