"""A ballot paper: the one that we issued opens, and a byte changed is a byte too many.

Before the first line feed: what is changed in the session's name. After it: how many letters
the paper loses at its end, then what is changed in the others, and added.
"""

from itertools import zip_longest

from stimme.apps.ballot import papers
from stimme.apps.ballot.errors import PaperRefused
from tests.unit.translog.small_log import secret

KEY = secret("example paper key")
SESSION = "example-session"
CID, PSEUDONYM = "P0zf875xeNbzuPiW4kUPPQ", "ZrQq8Xc7KqIGO78FoW6QnA"
URLSAFE = str.maketrans("+/", "-_")
ISSUED = papers.issue(KEY, SESSION, cid=CID, pseudonym=PSEUDONYM, level=2)


def changed(text: str, change: bytes) -> str:
    """Each letter, and further ones beyond the end, combined with a byte of `change`."""
    pairs = zip_longest(text.encode(), change, fillvalue=0)
    return bytes(one ^ other for one, other in pairs).decode("utf-8", "surrogateescape")


def check(data: bytes) -> None:
    session, _, change = data.partition(b"\n")
    lost = change[0] if change else 0
    shown = changed(SESSION, session), changed(ISSUED[: len(ISSUED) - lost], change[1:])
    try:
        paper = papers.read(KEY, *shown)
    except PaperRefused:
        assert shown != (SESSION, ISSUED)
    else:
        # Both alphabets of base64 are read: the paper is the same, and it is stored nowhere.
        assert (shown[0], shown[1].translate(URLSAFE)) == (SESSION, ISSUED)
        assert (paper.cid, paper.pseudonym, paper.level) == (CID, PSEUDONYM, 2)
