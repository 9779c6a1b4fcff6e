"""A paper works only as it was issued, in the session it was issued to, and for a while."""

import pytest
from django.conf import settings

from stimme import keys
from stimme.apps.accounts.models import User
from stimme.apps.ballot import papers
from stimme.apps.ballot import services as ballot
from stimme.apps.ballot.errors import PaperExpired, PaperRefused
from stimme.apps.ballot.models import Seat
from stimme.apps.causes.models import Cause
from stimme.engines.translog import VoteLine, b64, unb64
from tests.house import SESSION, lines, start_cause, version_of


def paper_for(user: User, cause: Cause, session: str = SESSION) -> str:
    return ballot.issue_paper(user=user, session=session, cid=version_of(cause).cid)


def assert_refused(paper: str, session: str = SESSION) -> None:
    with pytest.raises(PaperRefused):
        ballot.cast_vote(paper=paper, session=session, choice="for")
    assert not Seat.objects.exists()
    assert lines(kind="vote") == []


def test_another_session_cannot_use_it(cause: Cause, alice: User) -> None:
    assert_refused(paper_for(alice, cause), session="charlies-session-cookie")


def test_it_does_not_work_without_a_session(cause: Cause, alice: User) -> None:
    assert_refused(paper_for(alice, cause, session=""), session="")


def test_every_changed_bit_is_noticed(cause: Cause, alice: User) -> None:
    sealed = unb64(paper_for(alice, cause))
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        assert_refused(b64(bytes(changed)))


@pytest.mark.parametrize("forged", ["", "A", "A" * 96, "A" * 95 + "!", "ä" * 96, "A" * 200])
def test_nonsense_is_refused(cause: Cause, forged: str) -> None:
    assert cause.pk
    assert_refused(forged)


def test_a_paper_sealed_with_another_key_is_refused(cause: Cause) -> None:
    forged = papers.issue(
        b"k" * 32, SESSION, cid=version_of(cause).cid, pseudonym="A" * 22, level=3
    )
    assert_refused(forged)


def test_it_expires(cause: Cause, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = paper_for(alice, cause)
    late = papers.time.time() + papers.LIFETIME + 1
    monkeypatch.setattr(papers.time, "time", lambda: late)
    with pytest.raises(PaperExpired):
        ballot.cast_vote(paper=paper, session=SESSION, choice="for")
    assert not Seat.objects.exists()


def test_it_tells_nothing(cause: Cause, alice: User, charlie: User, bob: User) -> None:
    """Papers of one person look as unlike as papers of two, and all have one length."""
    issued = [paper_for(user, cause) for user in [alice, alice, charlie, bob]]
    assert len(set(issued)) == 4
    assert len({len(paper) for paper in issued}) == 1
    key = keys.load(settings.STIMME.keys_dir, "paper")
    opened = [papers.read(key, SESSION, paper) for paper in issued]
    assert len({paper.pseudonym for paper in opened}) == 3
    for paper, read in zip(issued, opened, strict=True):
        assert unb64(read.pseudonym) not in unb64(paper)
        assert unb64(read.cid) not in unb64(paper)


def test_a_paper_for_one_cause_is_no_paper_for_another(
    cause: Cause, alice: User, charlie: User
) -> None:
    other = start_cause(alice, cause.organisation, "Bring back Product Y")
    cast = ballot.cast_vote(paper=paper_for(charlie, cause), session=SESSION, choice="for")
    cid = VoteLine.parse(cast.line).cid
    assert cid == version_of(cause).cid != version_of(other).cid
    assert list(Seat.objects.values_list("cid", flat=True)) == [cid]
