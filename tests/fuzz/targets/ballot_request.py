"""A ballot as it comes to the door: a vote whose line is in the grammar, or a documented no.

The first byte says whether it is a form (`f`) or JSON. `@paper` stands for a paper that we
issued to this session, `@hour` for the present hour.
"""

from datetime import UTC, datetime

from stimme.apps.ballot import papers
from stimme.apps.ballot.door.requests import MOST_BYTES, BallotRequest, read_ballot
from stimme.apps.ballot.door.voting import Voting, refusal
from stimme.apps.ballot.errors import BallotError
from stimme.apps.ballot.tables import Held
from stimme.engines.translog import VoteLine, hour_of, parse_line
from tests.unit.translog.small_log import ORIGIN, secret

SESSION = "example-session"
CID, PSEUDONYM = "P0zf875xeNbzuPiW4kUPPQ", "ZrQq8Xc7KqIGO78FoW6QnA"
KEY = secret("example paper key")
PAPER = papers.issue(KEY, SESSION, cid=CID, pseudonym=PSEUDONYM, level=2)
VOTING = Voting(origin=ORIGIN, paper_key=KEY, receipt_key=secret("example receipt key"))


def check(data: bytes) -> None:
    kind = "application/x-www-form-urlencoded" if data[:1] == b"f" else "application/json"
    hour = hour_of(datetime.now(UTC))
    body = data[1:].replace(b"@paper", PAPER.encode()).replace(b"@hour", hour.encode())
    try:
        ballot = read_ballot(kind, body)
    except ValueError:
        return
    assert len(body) <= MOST_BYTES
    assert all(isinstance(one, str) for one in (ballot.hour, ballot.vk, ballot.sig))
    assert ballot.paper
    assert ballot.choice
    assert (ballot.seq is None) == (not ballot.vk) == (not ballot.sig) == (not ballot.hour)
    cast(ballot)


def cast(ballot: BallotRequest) -> None:
    try:
        vote = VOTING.vote_of(ballot, SESSION)
    except BallotError as error:
        refusal(error)
        return
    assert ballot.paper == PAPER
    held = Held(
        *vote.seat, vote.seq or 0, vote.choice, vote.level, vote.hour, vote.vk, vote.sig,
        0, 0, 0, vote.vk, "", vote.briefed, 0,
    )  # fmt: skip
    line = parse_line(held.text)
    assert isinstance(line, VoteLine)
    assert (line.cid, line.pseudonym, line.level) == (CID, PSEUDONYM, "2")
    assert (line.choice, line.vk or "") == (ballot.choice, ballot.vk)
