"""After a turning point those who voted are asked, and their answers are counted as given."""

import datetime as dt

import pytest

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import voter_of
from stimme.apps.ballot.answers import (
    Considered,
    considered,
    edition_of,
    own_answers,
    turning_points,
    unanswered,
)
from stimme.apps.ballot.models import Answer, Seat, TurningKind, TurningPoint
from stimme.apps.ballot.reasons import Reason
from stimme.apps.ballot.selectors import seats_by_secret
from stimme.apps.ballot.services import annul, stand_by, turn
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, revise_cause
from stimme.apps.organisations.models import Result
from stimme.apps.organisations.services import record_decision, record_response
from tests.house import version_of, vote

AGAINST_TO_FOR, FOR_TO_AGAINST = ("against", "for"), ("for", "against")


@pytest.fixture
def crowd(db: None) -> list[User]:
    return [User.objects.create_user(f"voter{number}@example.org") for number in range(6)]


def cid_of(cause: Cause) -> str:
    return version_of(cause).cid


def turn_now(cause: Cause, hours: tuple[str, str] = ("", "")) -> TurningPoint:
    return turn(cid=cid_of(cause), kind=TurningKind.OUTCOME, subject=1, hours=hours)


def counted(point: TurningPoint) -> Considered:
    return considered([point])[point.pk]


def asked(user: User, cause: Cause) -> list[int]:
    """Editions of the turning points that ask this person now."""
    cid = cid_of(cause)
    seats = seats_by_secret(secret=voter_of(user=user).secret, cids=[cid])
    return [point.edition for point in unanswered(seats).values()]


def test_those_who_voted_before_are_asked_and_their_answers_are_counted(
    cause: Cause, crowd: list[User]
) -> None:
    for user, choice in zip(crowd, ["for", "for", "for", "against", "against"], strict=False):
        vote(user, cause, choice)
    point = turn_now(cause)
    assert [asked(user, cause) for user in crowd] == [[1]] * 5 + [[]]
    assert stand_by(user=crowd[0], cid=cid_of(cause))
    vote(crowd[1], cause, "against")
    vote(crowd[2], cause, "withdrawn")
    vote(crowd[3], cause, "for")
    vote(crowd[5], cause, "for")
    told = counted(point)
    assert told == Considered(
        asked=5,
        stood=1,
        moved={FOR_TO_AGAINST: 1, ("for", "withdrawn"): 1, AGAINST_TO_FOR: 1},
    )
    assert (told.answered, told.changed, told.withdrew, told.silent) == (4, 2, 1, 1)
    assert [asked(user, cause) for user in crowd] == [[], [], [], [], [1], []]


def test_before_any_turning_point_a_change_is_nobodys_answer(cause: Cause, charlie: User) -> None:
    vote(charlie, cause, "for")
    vote(charlie, cause, "against")
    assert not stand_by(user=charlie, cid=cid_of(cause))
    assert Answer.objects.count() == 0
    assert edition_of(cid_of(cause)) == 0


def test_the_last_word_counts_and_what_was_held_before_stays(cause: Cause, charlie: User) -> None:
    vote(charlie, cause, "for")
    point = turn_now(cause)
    for choice in ["against", "withdrawn", "for", "against"]:
        vote(charlie, cause, choice)
    assert counted(point) == Considered(asked=1, moved={FOR_TO_AGAINST: 1})
    vote(charlie, cause, "for")
    assert counted(point) == Considered(asked=1, stood=1)


def test_who_stood_by_the_vote_may_still_change_it(cause: Cause, charlie: User) -> None:
    vote(charlie, cause, "for")
    point = turn_now(cause)
    assert stand_by(user=charlie, cid=cid_of(cause))
    assert not stand_by(user=charlie, cid=cid_of(cause))
    vote(charlie, cause, "against")
    assert counted(point) == Considered(asked=1, moved={FOR_TO_AGAINST: 1})


def test_who_votes_after_it_is_not_asked(cause: Cause, charlie: User) -> None:
    point = turn_now(cause)
    vote(charlie, cause, "for")
    assert not stand_by(user=charlie, cid=cid_of(cause))
    vote(charlie, cause, "against")
    assert counted(point) == Considered(asked=0)


def test_an_answer_belongs_to_the_newest_turning_point(cause: Cause, charlie: User) -> None:
    vote(charlie, cause, "for")
    first, second = turn_now(cause), turn_now(cause)
    assert [point.edition for point in turning_points([cid_of(cause)])[cid_of(cause)]] == [1, 2]
    assert asked(charlie, cause) == [2]
    assert stand_by(user=charlie, cid=cid_of(cause))
    assert considered([first, second]) == {
        first.pk: Considered(asked=1),
        second.pk: Considered(asked=1, stood=1),
    }


def test_who_has_withdrawn_is_not_asked(cause: Cause, charlie: User) -> None:
    vote(charlie, cause, "for")
    vote(charlie, cause, "withdrawn")
    point = turn_now(cause)
    vote(charlie, cause, "for")
    assert counted(point) == Considered(asked=0)


def test_hours_ask_only_the_votes_cast_within_them(
    cause: Cause, charlie: User, alice: User
) -> None:
    vote(charlie, cause, "for")
    vote(alice, cause, "for")
    Seat.objects.filter(p=Seat.objects.order_by("p")[0].p).update(hour="2026-01-01T10Z")
    point = turn_now(cause, hours=("2026-01-01T09Z", "2026-01-01T11Z"))
    assert point.asked == 1
    assert sorted(asked(charlie, cause) + asked(alice, cause)) == [1]
    vote(charlie, cause, "against")
    vote(alice, cause, "against")
    assert counted(point) == Considered(asked=1, moved={FOR_TO_AGAINST: 1})
    vote(charlie, cause, "for")
    vote(alice, cause, "for")
    assert counted(point) == Considered(asked=1, stood=1)


def test_answers_of_annulled_votes_are_left_out(cause: Cause, charlie: User, alice: User) -> None:
    for user in (charlie, alice):
        vote(user, cause, "for")
    point = turn_now(cause)
    for user in (charlie, alice):
        assert stand_by(user=user, cid=cid_of(cause))
    [seat, _] = Seat.objects.order_by("p")
    annul(cid=seat.cid, pseudonyms=[seat.p], reason=Reason.BOT)
    assert counted(point) == Considered(asked=2, stood=1)


def test_response_decision_and_a_new_wording_ask(
    cause: Cause, alice: User, bob: User, charlie: User
) -> None:
    cid, day = cid_of(cause), dt.date(2026, 1, 2)
    vote(charlie, cause, "for")
    response = record_response(by=bob, cause=cause, text="No.", source_url="", published_on=day)
    decision = record_decision(
        by=bob, cause=cause, result=Result.DECLINED, summary="No.", source_url="", decided_on=day
    )
    new = revise_cause(by=alice, cause=cause, demand=Demand("Bring Product X back soon", "en"))
    assert [(point.kind, point.subject, point.asked) for point in turning_points([cid])[cid]] == [
        ("response", response.pk, 1),
        ("decision", decision.pk, 1),
        ("version", new.pk, 1),
    ]


def test_own_answers_are_found_by_the_seat(cause: Cause, charlie: User, alice: User) -> None:
    for user in (charlie, alice):
        vote(user, cause, "for")
    turn_now(cause)
    vote(charlie, cause, "against")
    stand_by(user=alice, cid=cid_of(cause))
    seats = seats_by_secret(secret=voter_of(user=charlie).secret, cids=[cid_of(cause)])
    [answer] = own_answers(seats).values()
    assert (answer.edition, answer.before, answer.after) == (1, "for", "against")
