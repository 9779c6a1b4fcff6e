"""A voter's own link to a cause: it counts first votes, and knows nobody."""

import hashlib
import hmac

from stimme.apps.accounts.services import Voter
from stimme.apps.ballot.models import Link
from stimme.apps.ballot.pseudonyms import pseudonym_of

_LENGTH = 11
_PURPOSE = b"stimme/link/v1"


def code_of(voter: Voter, cid: str) -> str:
    """Return the code of the voter's link (11 characters).

    Made as pseudonyms are, from another secret: without the instance's key nobody who holds
    secrets, pseudonyms and codes can tell which of them belong together.
    """
    secret = hmac.digest(voter.secret, _PURPOSE, hashlib.sha256)
    return pseudonym_of(secret=secret, cid=cid)[:_LENGTH]


def link_of(voter: Voter, cid: str) -> Link:
    """Return the voter's link to what is asked in this box, made at first use."""
    link, _is_new = Link.objects.get_or_create(code=code_of(voter, cid), defaults={"cid": cid})
    return link


def link_with(code: str) -> Link | None:
    return Link.objects.filter(code=code).first()
