"""How first votes were cast is counted with the vote, and told from ten votes on."""

import pytest

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import voter_of
from stimme.apps.ballot.door.requests import BallotRequest, Seen
from stimme.apps.ballot.how_voted import HowOf, how_voted
from stimme.apps.ballot.links import code_of, link_of, link_with
from stimme.apps.ballot.models import HowVoted, Link, Seat
from stimme.apps.ballot.papers import NOTHING, Shown
from stimme.apps.ballot.services import cast_form, issue_paper
from stimme.apps.causes.models import Cause
from tests.house import SESSION, version_of, vote

NONE = (None, None, None)


def cast(
    user: User, cause: Cause, choice: str, shown: Shown = NOTHING, seen: Seen | None = None
) -> None:
    paper = issue_paper(user=user, session=SESSION, cid=version_of(cause).cid, shown=shown)
    cast_form(ballot=BallotRequest(paper, choice, seen=seen), session=SESSION)


@pytest.fixture
def crowd(db: None) -> list[User]:
    return [User.objects.create_user(f"voter{number}@example.org") for number in range(20)]


def test_below_ten_votes_nothing_is_told(cause: Cause, crowd: list[User]) -> None:
    for user in crowd[:9]:
        vote(user, cause, "for")
    assert how_voted(version_of(cause).cid).votes_for is None
    vote(crowd[9], cause, "for")
    told = how_voted(version_of(cause).cid)
    assert told.votes_for == HowOf(10, 0, 0, 0, 0, 0, None, 0, 0)
    assert told.votes_against is None


def test_shares_are_counts_of_what_the_papers_bear_out(cause: Cause, crowd: list[User]) -> None:
    briefed = Shown(briefed=1, answers=(1, 2))
    for number, user in enumerate(crowd[:12]):
        seen = Seen(number * 8, both=number % 2 == 0, source=number < 3, checked=(1, 0, None))
        cast(user, cause, "against", briefed, seen)
    for user in crowd[12:]:
        cast(user, cause, "against", Shown(count_seen=True))
    told = how_voted(version_of(cause).cid).votes_against
    assert told == HowOf(20, 12, 8, 12, 6, 3, 1, 24, 12)


def test_reloading_and_changing_do_not_move_the_numbers(cause: Cause, charlie: User) -> None:
    cast(charlie, cause, "for", Shown(briefed=1))
    before = list(HowVoted.objects.values_list())
    cast(charlie, cause, "for", Shown(briefed=1))
    cast(charlie, cause, "against", Shown())
    cast(charlie, cause, "for", Shown(briefed=2), Seen(50, both=True, source=True, checked=NONE))
    assert list(HowVoted.objects.values_list()) == before


def test_the_seat_keeps_the_latest_briefing_and_nothing_else(cause: Cause, charlie: User) -> None:
    briefings = []
    for choice, number in [("for", 0), ("against", 2), ("for", 1), ("against", 0)]:
        cast(charlie, cause, choice, Shown(briefed=number))
        briefings.append(Seat.objects.get().briefed)
    assert briefings == [0, 2, 2, 2]


def test_a_link_counts_the_first_votes_that_came_through_it(
    cause: Cause, alice: User, charlie: User
) -> None:
    cid = version_of(cause).cid
    link = link_of(voter_of(user=alice), cid)
    for choice in ["for", "against"]:
        cast(charlie, cause, choice, Shown(link=link.pk))
    found = link_with(link.code)
    assert found
    assert (found.pk, found.number, Link.objects.count()) == (link.pk, 1, 1)


def test_a_link_is_the_same_again_and_leads_to_nobody(
    cause: Cause, alice: User, charlie: User
) -> None:
    cid = version_of(cause).cid
    codes = [code_of(voter_of(user=user), cid) for user in (alice, alice, charlie)]
    assert len(set(codes)) == 2
    assert link_of(voter_of(user=alice), cid).code == codes[0]
    assert link_with("unknown") is None
