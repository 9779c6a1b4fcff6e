from dataclasses import replace

import pytest

from stimme.apps.accounts.models import User
from stimme.apps.ballot import services as ballot
from stimme.apps.ballot.casting import MOST_CHANGES_AN_HOUR
from stimme.apps.ballot.errors import (
    BoxClosed,
    BoxSuperseded,
    BoxSuspended,
    ChangedTooOften,
    NothingToWithdraw,
    UnknownBox,
    UnknownChoice,
)
from stimme.apps.ballot.models import Box, Promise, Seat, State, Tally
from stimme.apps.ballot.selectors import count_of
from stimme.apps.causes.models import Cause
from tests.house import SESSION, lines, version_of, vote


def numbers(cause: Cause) -> tuple[int, int, int]:
    count = count_of(version_of(cause).cid)
    return count.votes_for, count.votes_against, count.withdrawn


def stored() -> tuple[int, int, int, int]:
    votes = len(lines(kind="vote"))
    return Seat.objects.count(), votes, Promise.objects.count(), Tally.objects.count()


def test_a_vote_counts_at_once(cause: Cause, charlie: User) -> None:
    cast = vote(charlie, cause, "for")
    assert (cast.seq, cast.choice, cast.changed) == (0, "for", True)
    assert numbers(cause) == (1, 0, 0)


def test_the_same_click_twice_is_one_vote(cause: Cause, charlie: User) -> None:
    first, again = vote(charlie, cause, "for"), vote(charlie, cause, "for")
    assert (first.seq, again.seq, again.changed) == (0, 0, False)
    assert numbers(cause) == (1, 0, 0)
    assert stored() == (1, 1, 1, 1)


def test_a_vote_can_be_changed_and_withdrawn_and_given_again(cause: Cause, charlie: User) -> None:
    history = []
    for choice in ["for", "against", "withdrawn", "against"]:
        vote(charlie, cause, choice)
        history.append(numbers(cause))
    assert history == [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, 0)]
    assert [line.split(" ")[4:6] for line in lines(kind="vote")] == [
        ["0", "for"],
        ["1", "against"],
        ["2", "withdrawn"],
        ["3", "against"],
    ]


def test_two_people_have_two_seats(cause: Cause, alice: User, charlie: User) -> None:
    vote(alice, cause, "for")
    vote(charlie, cause, "against")
    assert numbers(cause) == (1, 1, 0)


def test_the_same_person_has_unrelated_pseudonyms_on_two_causes(
    cause: Cause, alice: User, charlie: User
) -> None:
    from tests.house import start_cause

    other = start_cause(alice, cause.organisation, "Bring back Product Y")
    vote(charlie, cause, "for")
    vote(charlie, other, "for")
    assert Seat.objects.values("p").distinct().count() == 2


@pytest.mark.parametrize("choice", ["", "FOR", "maybe", "for ", "withdraw"])
def test_an_unknown_choice_is_refused(cause: Cause, charlie: User, choice: str) -> None:
    with pytest.raises(UnknownChoice):
        vote(charlie, cause, choice)
    assert stored() == (0, 0, 0, 0)


def test_nothing_is_there_to_withdraw_before_the_first_vote(cause: Cause, charlie: User) -> None:
    with pytest.raises(NothingToWithdraw):
        vote(charlie, cause, "withdrawn")
    assert stored() == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "state, error",
    [(State.SUSPENDED, BoxSuspended), (State.SUPERSEDED, BoxSuperseded)],
)
def test_a_box_that_is_not_open_takes_no_vote(
    cause: Cause, charlie: User, state: State, error: type[Exception]
) -> None:
    ballot.set_box_state(cid=version_of(cause).cid, state=state)
    with pytest.raises(error):
        vote(charlie, cause, "for")
    assert stored() == (0, 0, 0, 0)


def test_a_closed_box_takes_neither_vote_nor_change(
    cause: Cause, alice: User, charlie: User
) -> None:
    vote(charlie, cause, "for")
    ballot.close_box(cid=version_of(cause).cid)
    for choice in ["against", "withdrawn"]:
        with pytest.raises(BoxClosed):
            vote(charlie, cause, choice)
    with pytest.raises(BoxClosed):
        vote(alice, cause, "for")
    assert numbers(cause) == (1, 0, 0)


@pytest.mark.parametrize("state", [State.SUSPENDED, State.SUPERSEDED, State.CLOSED])
def test_who_asks_again_is_told_what_counts_even_where_no_vote_is_taken_any_more(
    cause: Cause, charlie: User, state: State
) -> None:
    """The answer to the first click may have been lost on its way."""
    first = vote(charlie, cause, "for")
    Box.objects.update(state=state)
    again = vote(charlie, cause, "for")
    assert again == replace(first, changed=False)
    assert stored() == (1, 1, 1, 1)


def test_a_seat_changes_so_often_an_hour_and_withdraws_always(cause: Cause, charlie: User) -> None:
    for number in range(MOST_CHANGES_AN_HOUR):
        vote(charlie, cause, ["for", "against"][number % 2])
    with pytest.raises(ChangedTooOften):
        vote(charlie, cause, "for")
    assert vote(charlie, cause, "against").changed is False
    assert vote(charlie, cause, "withdrawn").seq == MOST_CHANGES_AN_HOUR
    with pytest.raises(ChangedTooOften):
        vote(charlie, cause, "for")
    assert numbers(cause) == (0, 0, 1)


def test_in_the_next_hour_a_seat_changes_again(cause: Cause, charlie: User) -> None:
    for number in range(MOST_CHANGES_AN_HOUR):
        vote(charlie, cause, ["for", "against"][number % 2])
    Seat.objects.update(hour="2026-11-22T09Z")
    assert vote(charlie, cause, "for").seq == MOST_CHANGES_AN_HOUR
    assert Seat.objects.get().changes == 1


@pytest.mark.parametrize("state", [State.SUSPENDED, State.SUPERSEDED])
def test_neither_hiding_nor_rewording_keeps_a_vote_from_being_withdrawn(
    cause: Cause, charlie: User, state: State
) -> None:
    vote(charlie, cause, "for")
    ballot.set_box_state(cid=version_of(cause).cid, state=state)
    vote(charlie, cause, "withdrawn")
    assert numbers(cause) == (0, 0, 1)


def test_a_vote_for_an_unknown_cause_is_refused(charlie: User) -> None:
    paper = ballot.issue_paper(user=charlie, session=SESSION, cid="A" * 22)
    with pytest.raises(UnknownBox):
        ballot.cast_vote(paper=paper, session=SESSION, choice="for")
    assert stored() == (0, 0, 0, 0)
