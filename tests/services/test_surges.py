"""Hours in which votes come far faster than usual are noted, and their votes asked again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stimme.apps.accounts.models import User
from stimme.apps.ballot.casting import Cast, Vote
from stimme.apps.ballot.models import TurningPoint
from stimme.apps.ballot.services import cast_batch
from stimme.apps.causes.models import Cause, Surge
from stimme.apps.causes.services import Demand, close_cause, revise_cause
from stimme.apps.causes.surges import DAYS, FEWEST, TIMES, Lookout, judged
from stimme.apps.moderation.services import hide, restore
from stimme.engines.translog import hour_of
from tests.house import version_of

NOON = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEW = Demand("Bring back Product X before Christmas", "en", "It is on the shelf again.")


class Box:
    """Votes of people without accounts, at any hour."""

    def __init__(self, cause: Cause) -> None:
        self.cause = cause
        self.cid = version_of(cause).cid
        self.numbers: Iterator[int] = count()

    def fill(self, number: int, at: datetime) -> None:
        seats = [f"{next(self.numbers):021}A" for _ in range(number)]
        votes = [Vote(self.cid, seat, "for", 0, hour_of(at)) for seat in seats]
        assert all(isinstance(one, Cast) for one in cast_batch(votes))


@pytest.fixture
def box(cause: Cause) -> Box:
    """Two votes an hour for a day until noon."""
    box = Box(cause)
    for number in range(1, 25):
        box.fill(2, NOON - number * HOUR)
    return box


def hours(*numbers: int) -> dict[str, int]:
    """Votes by hour, the last of them at noon."""
    last = len(numbers) - 1
    return {hour_of(NOON - (last - at) * HOUR): number for at, number in enumerate(numbers)}


@pytest.mark.parametrize(
    "numbers, usual, is_surge",
    [
        ([1, 49], 1, False),
        ([1, 50], 1, True),
        ([5, 50], 5, False),
        ([5, 51], 5, True),
        ([4, 6, 51], 5, True),
        ([1, 0, 0, 50], 0, True),
        ([1, 1, 1, 1000, 1000, 1000, 50], 500.5, False),
        ([1000], 0, False),
    ],
)
def test_the_rule(numbers: list[int], usual: float, is_surge: bool) -> None:
    judgement = judged(hours(*numbers), hour_of(NOON))
    assert (judgement.usual, judgement.is_surge) == (usual, is_surge)


def test_hours_of_more_than_14_days_ago_say_nothing() -> None:
    votes = {hour_of(NOON - DAYS * DAY - HOUR): 10_000, hour_of(NOON): FEWEST}
    assert judged(votes, hour_of(NOON)).usual == 0


@given(st.lists(st.integers(0, 300), min_size=2, max_size=30), st.integers(1, 1000))
def test_more_votes_never_end_a_surge(numbers: list[int], more: int) -> None:
    first, second = (
        judged(hours(1, *numbers[:-1], numbers[-1] + extra), hour_of(NOON)) for extra in (0, more)
    )
    assert first.usual == second.usual
    assert second.is_surge >= first.is_surge
    assert not second.is_surge or second.votes > max(TIMES * second.usual, FEWEST - 1)


def test_a_surge_begins_goes_on_and_ends(box: Box) -> None:
    lookout = Lookout()
    box.fill(49, NOON)
    lookout.look(now=NOON)
    assert not Surge.objects.exists()
    box.fill(1, NOON)
    lookout.look(now=NOON)
    surge = Surge.objects.get()
    assert (surge.hours_from, surge.hours_to) == (hour_of(NOON), hour_of(NOON))
    assert (surge.rate, surge.usual, surge.opened_at) == (50, 2, NOON)
    box.fill(70, NOON + HOUR)
    lookout.look(now=NOON + HOUR)
    lookout.look(now=NOON + 2 * HOUR)
    surge.refresh_from_db()
    assert (surge.hours_to, surge.rate, surge.closed_at) == (hour_of(NOON + HOUR), 70, None)
    lookout.look(now=NOON + 3 * HOUR)
    surge.refresh_from_db()
    assert surge.closed_at == NOON.replace(minute=0) + 2 * HOUR


def test_it_is_seen_in_the_hour_after_it_too(box: Box) -> None:
    box.fill(60, NOON)
    Lookout().look(now=NOON + HOUR)
    assert Surge.objects.get().hours_from == hour_of(NOON)


def test_where_nobody_voted_since_nothing_is_counted(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookout = Lookout()
    lookout.look(now=NOON)
    monkeypatch.setattr("stimme.apps.causes.surges.votes_by_hour", pytest.fail)
    lookout.look(now=NOON)


def test_a_day_after_it_those_who_voted_in_it_are_asked(box: Box) -> None:
    box.fill(60, NOON)
    lookout = Lookout()
    lookout.look(now=NOON)
    end = NOON.replace(minute=0) + HOUR
    lookout.look(now=end + HOUR)
    lookout.look(now=end + DAY - timedelta(seconds=1))
    assert not TurningPoint.objects.exists()
    for _ in range(2):
        lookout.look(now=end + DAY)
    point = TurningPoint.objects.get()
    assert (point.kind, point.subject, point.asked) == ("cooling", Surge.objects.get().pk, 60)
    assert (point.hours_from, point.hours_to) == (hour_of(NOON), hour_of(NOON))
    assert Surge.objects.get().cooled_at == end + DAY


def test_of_a_closed_cause_nobody_is_asked(box: Box, alice: User) -> None:
    box.fill(60, NOON)
    Lookout().look(now=NOON)
    close_cause(by=alice, cause=box.cause)
    Lookout().look(now=NOON + 3 * HOUR)
    Lookout().look(now=NOON + 3 * DAY)
    assert not TurningPoint.objects.exists()
    assert Surge.objects.get().cooled_at == NOON + 3 * DAY


def test_a_new_version_asks_already(box: Box, alice: User) -> None:
    box.fill(60, NOON)
    Lookout().look(now=NOON)
    revise_cause(by=alice, cause=box.cause, demand=NEW)
    Lookout().look(now=NOON + 3 * HOUR)
    Lookout().look(now=NOON + 3 * DAY)
    assert list(TurningPoint.objects.values_list("kind", flat=True)) == ["version"]


def test_a_hidden_cause_asks_once_it_is_shown_again(box: Box, bob: User) -> None:
    box.fill(60, NOON)
    Lookout().look(now=NOON)
    hide(by=bob, target=box.cause, reason="It names a private person.")
    Lookout().look(now=NOON + 3 * HOUR)
    Lookout().look(now=NOON + 3 * DAY)
    assert not TurningPoint.objects.exists()
    restore(by=bob, target=Cause.objects.get(pk=box.cause.pk), reason="It is anonymous now.")
    Lookout().look(now=NOON + 4 * DAY)
    assert TurningPoint.objects.get().asked == 60


def test_two_who_look_at_once_note_one(box: Box) -> None:
    box.fill(60, NOON)
    one, other = Lookout(), Lookout()
    for lookout in [one, other, one, other]:
        lookout.look(now=NOON)
    assert Surge.objects.count() == 1
