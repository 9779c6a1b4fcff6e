"""Seats are annulled for a public reason and reinstated: log, tallies and audit agree."""

import pytest

from stimme.apps.accounts.models import User
from stimme.apps.ballot.models import Box, PendingLine, Seat
from stimme.apps.ballot.removals import MOST_SEATS, Effect, annul, preview, reinstate
from stimme.apps.ballot.sealer import seal
from stimme.apps.ballot.selectors import count_of, own_seats
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import close_cause
from tests.auditing import audited
from tests.house import lines, version_of, vote

STRANGER = "AAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture
def cid(cause: Cause) -> str:
    return version_of(cause).cid


@pytest.fixture
def voted(cause: Cause, alice: User, bob: User, charlie: User) -> None:
    for user, choice in [(alice, "for"), (bob, "for"), (charlie, "against")]:
        vote(user, cause, choice)


def seat_of(user: User, cid: str) -> str:
    return own_seats(user=user, cids=[cid])[cid].p


def numbers(cid: str) -> tuple[int, int, int, int]:
    count = count_of(cid)
    return count.votes_for, count.votes_against, count.raw_for, count.raw_against


def test_an_annulled_vote_does_not_count_and_the_raw_number_stays(
    cid: str, voted: None, bob: User
) -> None:
    annul(cid=cid, pseudonyms=[seat_of(bob, cid)], reason="bot")
    assert numbers(cid) == (1, 1, 2, 1)
    assert audited().tallies == {(cid, "for", "0"): 1, (cid, "against", "0"): 1}


def test_the_line_names_the_seat_and_the_reason(cid: str, voted: None, bob: User) -> None:
    annul(cid=cid, pseudonyms=[seat_of(bob, cid)], reason="law")
    [line] = lines(kind="annul")
    assert line.split(" ")[:5] == ["s1", "annul", cid, seat_of(bob, cid), "law"]


def test_what_a_removal_does_is_told_before_and_after(
    cid: str, voted: None, alice: User, bob: User, charlie: User
) -> None:
    annul(cid=cid, pseudonyms=[seat_of(bob, cid)], reason="bot")
    chosen = [STRANGER, *(seat_of(user, cid) for user in (alice, bob, charlie))]
    changing = tuple(sorted(seat_of(user, cid) for user in (alice, charlie)))
    effect = Effect(changing, 1, 1, 2, 1, 1, 1, 0, 0)
    assert preview(cid=cid, pseudonyms=chosen, reason="test") == effect
    assert numbers(cid) == (1, 1, 2, 1)
    assert annul(cid=cid, pseudonyms=chosen, reason="test") == effect
    assert numbers(cid) == (0, 0, 2, 1)


def test_reinstating_counts_the_choice_that_the_seat_holds_now(
    cause: Cause, cid: str, voted: None, bob: User
) -> None:
    annul(cid=cid, pseudonyms=[seat_of(bob, cid)], reason="bot")
    vote(bob, cause, "against")
    assert numbers(cid) == (1, 1, 1, 2)
    effect = reinstate(cid=cid, pseudonyms=[seat_of(bob, cid)])
    assert (effect.after_for, effect.after_against) == (1, 2)
    assert numbers(cid) == (1, 2, 1, 2)
    assert audited().tallies == {(cid, "for", "0"): 1, (cid, "against", "0"): 2}


def test_annulling_again_leaves_no_second_line(cid: str, voted: None, bob: User) -> None:
    for _ in range(2):
        annul(cid=cid, pseudonyms=[seat_of(bob, cid)], reason="bot")
    assert len(lines(kind="annul")) == 1
    assert annul(cid=cid, pseudonyms=[seat_of(bob, cid)], reason="bot").seats == ()


def test_a_withdrawn_vote_stays_withdrawn_when_it_is_annulled(
    cause: Cause, cid: str, voted: None, bob: User
) -> None:
    vote(bob, cause, "withdrawn")
    annul(cid=cid, pseudonyms=[seat_of(bob, cid)], reason="bot")
    assert numbers(cid) == (1, 1, 1, 1)
    reinstate(cid=cid, pseudonyms=[seat_of(bob, cid)])
    assert numbers(cid) == (1, 1, 1, 1)
    audited()


def test_all_in_one_sealing_keep_the_order_of_their_seat(
    cause: Cause, cid: str, voted: None, bob: User
) -> None:
    for choice in ["against", "for", "against"]:
        annul(cid=cid, pseudonyms=[seat_of(bob, cid)], reason="bot")
        vote(bob, cause, choice)
        reinstate(cid=cid, pseudonyms=[seat_of(bob, cid)])
    kinds = ["vote", *["annul", "vote", "reinstate"] * 3]
    assert audited().tallies == {(cid, "for", "0"): 1, (cid, "against", "0"): 2}
    assert [line.split(" ")[1] for line in lines() if seat_of(bob, cid) in line] == kinds


def test_a_closed_cause_can_still_lose_annulled_votes(
    cause: Cause, cid: str, voted: None, alice: User, bob: User
) -> None:
    close_cause(by=alice, cause=cause)
    seal(everything=True)
    annul(cid=cid, pseudonyms=[seat_of(bob, cid)], reason="duplicate")
    assert audited().tallies == {(cid, "for", "0"): 1, (cid, "against", "0"): 1}


def test_reasons_are_those_of_the_log(cid: str, voted: None, bob: User) -> None:
    with pytest.raises(ValueError, match="no reason"):
        annul(cid=cid, pseudonyms=[seat_of(bob, cid)], reason="unwelcome")
    with pytest.raises(ValueError, match="no reason"):
        annul(cid=cid, pseudonyms=[seat_of(bob, cid)], reason="")
    assert not Seat.objects.exclude(annulled="").exists()


def test_a_removal_is_bounded(cid: str, voted: None) -> None:
    with pytest.raises(ValueError, match="At most"):
        annul(cid=cid, pseudonyms=[str(one) for one in range(MOST_SEATS + 1)], reason="bot")


def test_in_an_unknown_box_nothing_is_annulled(voted: None) -> None:
    with pytest.raises(Box.DoesNotExist):
        annul(cid=STRANGER, pseudonyms=[STRANGER], reason="bot")
    assert not PendingLine.objects.filter(kind="annul").exists()
