"""First votes and double clicks that arrive together: one seat, one answer, no error."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from stimme.apps.accounts.models import User
from stimme.apps.ballot import services as ballot
from stimme.apps.ballot.casting import Cast
from stimme.apps.ballot.models import Seat
from stimme.apps.ballot.selectors import count_of
from stimme.apps.causes.models import Cause
from stimme.engines.translog import VoteLine
from tests.house import SESSION, lines, version_of

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(clicks: list[tuple[str, str]]) -> list[Cast]:
    """Cast (paper, choice) pairs in threads that start together."""
    start = threading.Barrier(len(clicks))

    def click(one: tuple[str, str]) -> Cast:
        paper, choice = one
        start.wait()
        try:
            return ballot.cast_vote(paper=paper, session=SESSION, choice=choice)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clicks)) as pool:
        return list(pool.map(click, clicks))


def test_a_double_click_is_one_vote(cause: Cause, charlie: User) -> None:
    paper = ballot.issue_paper(user=charlie, session=SESSION, cid=version_of(cause).cid)
    casts = at_once([(paper, "for")] * 6)
    assert [cast.seq for cast in casts] == [0] * 6
    assert sum(cast.changed for cast in casts) == 1
    assert len(lines(kind="vote")) == Seat.objects.count() == 1


def test_for_and_against_together_end_as_one_choice(cause: Cause, charlie: User) -> None:
    cid = version_of(cause).cid
    paper = ballot.issue_paper(user=charlie, session=SESSION, cid=cid)
    at_once([(paper, choice) for choice in ["for", "against"] * 3])
    seat = Seat.objects.get()
    votes = [VoteLine.parse(line) for line in lines(kind="vote")]
    assert [vote.seq for vote in votes] == list(range(seat.seq + 1))
    assert votes[-1] == seat.line
    assert count_of(cid).voters == 1


def test_first_votes_of_many_people_all_count(cause: Cause) -> None:
    cid = version_of(cause).cid
    voters = [User.objects.create_user(f"voter{number}@example.org") for number in range(6)]
    papers = [ballot.issue_paper(user=user, session=SESSION, cid=cid) for user in voters]
    at_once([(paper, "against") for paper in papers])
    assert count_of(cid).votes_against == Seat.objects.count() == 6
