"""Where a vote stands among those of its box, as far as the public log lets anybody know."""

import pytest

from stimme.apps.accounts.models import User
from stimme.apps.ballot.models import Entry
from stimme.apps.ballot.sealer import seal
from stimme.apps.ballot.selectors import own_seats
from stimme.apps.ballot.tables import Held
from stimme.apps.causes.models import Cause
from stimme.apps.ledger import places
from stimme.apps.ledger.places import Place, own_lines, place_of
from stimme.apps.organisations.models import Organisation
from tests.house import start_cause, version_of, vote

MANY = 12


@pytest.fixture
def crowd(db: None) -> list[User]:
    return [User.objects.create_user(f"voter{number}@example.org") for number in range(2 * MANY)]


def seat_of(user: User, cause: Cause) -> Held:
    cid = version_of(cause).cid
    return own_seats(user=user, cids=[cid])[cid]


def place(user: User, cause: Cause) -> Place | None:
    index = own_lines(seat_of(user, cause)).index
    assert index is not None
    return place_of(version_of(cause).cid, index)


def test_votes_sealed_together_share_a_range(cause: Cause, crowd: list[User]) -> None:
    for user in crowd[:MANY]:
        vote(user, cause, "for")
    seal(everything=True)
    for user in crowd[MANY:]:
        vote(user, cause, "against")
    seal(everything=True)
    found = {place(user, cause) for user in crowd[:MANY]}
    # One sealing may be taken for a part of two, never the other way round.
    assert [(one.first, one.last >= MANY) for one in found if one] == [(1, True)]
    assert {one.last for user in crowd[MANY:] if (one := place(user, cause))} == {2 * MANY}


def test_a_vote_that_was_sealed_alone_has_a_place_of_its_own(
    cause: Cause, alice: User, bob: User, charlie: User
) -> None:
    for user in (alice, bob, charlie):
        vote(user, cause, "for")
        seal(everything=True)
    # Of three lines that happen to ascend it cannot be told whether they were sealed together.
    for number, user in enumerate([alice, bob, charlie], start=1):
        found = place(user, cause)
        assert found
        assert found.first <= number <= found.last


def test_only_first_votes_of_the_same_box_are_counted(
    cause: Cause, alice: User, charlie: User, shop: Organisation
) -> None:
    other = start_cause(alice, shop, "Bring back Product Y")
    seal(everything=True)
    vote(alice, other, "for")
    for choice in ("for", "against", "for"):
        vote(alice, cause, choice)
        seal(everything=True)
    vote(charlie, cause, "for")
    seal(everything=True)
    found = place(charlie, cause)
    assert found
    assert found.last == 2


def test_changes_are_told_in_their_order_and_keep_the_first_place(
    cause: Cause, charlie: User
) -> None:
    vote(charlie, cause, "for")
    seal(everything=True)
    first = own_lines(seat_of(charlie, cause)).index
    vote(charlie, cause, "against")
    vote(charlie, cause, "withdrawn")
    own = own_lines(seat_of(charlie, cause))
    assert [one.choice for one in own.said] == ["for", "against", "withdrawn"]
    assert own.index == first
    seal(everything=True)
    assert own_lines(seat_of(charlie, cause)) == own


def test_what_is_not_sealed_has_no_place(cause: Cause, charlie: User) -> None:
    vote(charlie, cause, "for")
    own = own_lines(seat_of(charlie, cause))
    assert ([one.choice for one in own.said], own.index) == (["for"], None)


def test_among_very_many_sealed_together_no_place_is_told(
    cause: Cause, crowd: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    for user in crowd:
        vote(user, cause, "for")
    seal(everything=True)
    monkeypatch.setattr(places, "_MOST", 5)
    told = [place(user, cause) for user in crowd]
    assert told.count(None) == len(crowd)


def test_lines_sealed_together_ascend_by_their_hash(cause: Cause, crowd: list[User]) -> None:
    """What the search for the beginning and the end of a sealing rests on."""
    for user in crowd:
        vote(user, cause, "for")
    seal(everything=True)
    codes = Entry.objects.filter(kind="vote").order_by("log_index").values_list("code", flat=True)
    unsigned = [code % 2**64 for code in codes]
    assert unsigned == sorted(unsigned)
