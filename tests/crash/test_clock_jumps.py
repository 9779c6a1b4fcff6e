"""The clock of the machine jumps by a day, and back: the log stays in order and by its rules."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as instance
from django.utils import timezone

from stimme import keys
from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import account_secret
from stimme.apps.ballot import publisher
from stimme.apps.ballot.casting import Cast
from stimme.apps.ballot.door.requests import BallotRequest
from stimme.apps.ballot.door.voting import Voting
from stimme.apps.ballot.errors import BallotError, Stale
from stimme.apps.ballot.log_keys import log_signer, receipt_signer
from stimme.apps.ballot.models import PendingLine
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.receipts import receipt_for
from stimme.apps.ballot.sealer import seal
from stimme.apps.ballot.services import cast_batch, issue_paper
from stimme.apps.causes.models import Cause
from stimme.engines.translog import VoteLine, audit, b64, hour_of, unsigned_vote, vote_signing_text
from tests.auditing import audited
from tests.house import SESSION, lines, version_of

pytestmark = pytest.mark.django_db
DAY = 24 * 3600
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


class Clock:
    """The clock that everything here reads, `ahead` seconds of the machine's."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.ahead = 0
        seconds, now = time.time, timezone.now
        patch.setattr(time, "time", lambda: seconds() + self.ahead)
        patch.setattr(timezone, "now", lambda: now() + timedelta(seconds=self.ahead))

    @property
    def hour(self) -> str:
        return hour_of(datetime.fromtimestamp(time.time(), UTC))


@pytest.fixture
def clock(cause: Cause, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Runs right until a test changes it; the cause is there already."""
    return Clock(monkeypatch)


@pytest.fixture
def voting() -> Voting:
    folder = instance.STIMME.keys_dir
    paper_key, receipt_key = (keys.load(folder, name) for name in ("paper", "receipt"))
    return Voting(origin=instance.STIMME.origin, paper_key=paper_key, receipt_key=receipt_key)


def at_the_door(voting: Voting, ballot: BallotRequest) -> Cast:
    """A vote as the door takes it."""
    [result] = cast_batch([voting.vote_of(ballot, SESSION)])
    if isinstance(result, BallotError):
        raise result
    return result


def test_votes_before_and_after_keep_their_order_and_every_rule(
    cause: Cause, alice: User, charlie: User, clock: Clock, voting: Voting
) -> None:
    cid, checkpoints, promises = version_of(cause).cid, list[str](), list[str]()
    papers = {one: issue_paper(user=one, session=SESSION, cid=cid) for one in (alice, charlie)}
    hours = []
    choices = ["for", "against", "withdrawn", "for", "against"]
    for ahead, choice in zip([0, -DAY, 0, DAY, 0], choices, strict=True):
        clock.ahead = ahead
        for user in (alice, charlie):
            paper = papers[user] if ahead <= 0 else issue_paper(user=user, session=SESSION, cid=cid)
            at_the_door(voting, BallotRequest(paper, choice))
            receipt = receipt_for(user=user, cid=cid)
            assert receipt
            promises.append(receipt.promise_file())
            assert receipt.deadline.timestamp() - time.time() <= instance.STIMME.promise_deadline
        hours.append(clock.hour)
        checkpoints.append(audited().checkpoint)
    votes = [VoteLine.parse(line) for line in lines(kind="vote")]
    assert [(vote.seq, vote.hour) for vote in votes[::2]] == list(enumerate(hours))
    signer = log_signer()
    report = audit(
        publisher.read,
        signer.verifier,
        signer.name,
        earlier=checkpoints,
        receipts=promises,
        receipt_verifier=receipt_signer().verifier,
        now=int(time.time()) + 2 * DAY,
    )
    assert report.alarms == []


def test_no_vote_waits_for_a_deadline_of_a_clock_that_was_ahead(
    cause: Cause, charlie: User, clock: Clock, voting: Voting
) -> None:
    """One vote alone waits for company, but never longer than voters are promised."""
    cid = version_of(cause).cid
    seal(everything=True)
    clock.ahead = DAY
    paper = issue_paper(user=charlie, session=SESSION, cid=cid)
    at_the_door(voting, BallotRequest(paper, "for"))
    assert seal().lines == 0
    clock.ahead = 0
    assert seal().lines > 0
    assert not PendingLine.objects.exists()


def test_a_vote_signed_by_the_right_time_is_told_the_hour_that_the_door_has(
    cause: Cause, charlie: User, clock: Clock, voting: Voting
) -> None:
    """The voter's browser then signs what the door would take: nobody is locked out."""
    right = clock.hour
    clock.ahead = -DAY
    with pytest.raises(Stale) as stale:
        at_the_door(voting, signed(cause, charlie, right))
    assert (stale.value.seq, stale.value.hour) == (0, clock.hour)
    cast = at_the_door(voting, signed(cause, charlie, stale.value.hour))
    assert VoteLine.parse(cast.line).hour == clock.hour
    audited()


def signed(cause: Cause, user: User, hour: str) -> BallotRequest:
    cid = version_of(cause).cid
    p = pseudonym_of(secret=account_secret(user=user), cid=cid)
    vk = b64(KEY.public_key().public_bytes_raw())
    line = unsigned_vote(cid, p, 0, "for", "0", hour, vk)
    sig = b64(KEY.sign(vote_signing_text(instance.STIMME.origin, line)))
    paper = issue_paper(user=user, session=SESSION, cid=cid)
    return BallotRequest(paper, "for", 0, hour, vk, sig)
