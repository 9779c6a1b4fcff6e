"""Once a day the log says how many accounts there are, and how the causes stand that changed."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stimme.apps.accounts.models import User
from stimme.apps.ballot import batches, publisher
from stimme.apps.ballot.removals import annul, reinstate
from stimme.apps.ballot.sealer import seal
from stimme.apps.ballot.selectors import own_seats
from stimme.apps.ballot.tallying import tally_of
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import close_cause
from stimme.apps.organisations.models import Organisation
from stimme.engines.translog import live_seats_digest
from tests.auditing import audited, judged
from tests.house import lines, start_cause, version_of, vote

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
Pass = Callable[..., None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Pass:
    """The clock stands at noon, and moves on when it is told to."""
    passed = [timedelta(0)]
    monkeypatch.setattr(timezone, "now", lambda: NOON + passed[0])

    def move(**by: int) -> None:
        passed[0] += timedelta(**by)

    return move


@pytest.fixture
def cid(cause: Cause) -> str:
    return version_of(cause).cid


def join(name: str) -> User:
    return User.objects.create_user(f"{name}@example.org")


def rolls() -> list[tuple[str, ...]]:
    """Level, number and day of each."""
    found = [line.split(" ") for line in lines(kind="roll")]
    return [(level, number, hour[:10]) for _, _, level, number, hour in found]


def tallies(cid: str) -> list[list[int]]:
    """The size covered, and the votes for, against and annulled."""
    return [[int(word) for word in line.split(" ")[3:7]] for line in lines(cid=cid, kind="tally")]


def kinds() -> list[str]:
    return [line.split(" ")[1] for line in lines()]


def test_who_joins_is_not_told_before_the_next_day(later: Pass, cause: Cause, alice: User) -> None:
    vote(alice, cause, "for")
    seal(everything=True)
    for name, choice in [("dana", "against"), ("erin", "for")]:
        join(name)
        later(hours=1)
        vote(alice, cause, choice)
        seal(everything=True)
    assert rolls() == [("0", "1", "2027-03-01")]
    later(hours=12)
    vote(alice, cause, "against")
    seal(everything=True)
    assert rolls() == [("0", "1", "2027-03-01"), ("0", "3", "2027-03-02")]


def test_a_roll_comes_earlier_where_the_seats_would_be_more(
    later: Pass, cause: Cause, alice: User
) -> None:
    vote(alice, cause, "for")
    audited()
    vote(join("dana"), cause, "for")
    audited()
    assert rolls() == [("0", "1", "2027-03-01"), ("0", "2", "2027-03-01")]


def test_a_roll_comes_earlier_where_a_seat_is_withdrawn_while_the_lines_are_looked_at(
    later: Pass, cause: Cause, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    vote(alice, cause, "for")
    seal(everything=True)
    vote(join("dana"), cause, "for")
    left = batches.left_for_next

    def look_and_withdraw(taken: Any) -> int | None:  # noqa: ANN401
        """What another door commits right after the look."""
        monkeypatch.setattr(batches, "left_for_next", left)
        number = left(taken)
        vote(alice, cause, "withdrawn")
        return number

    monkeypatch.setattr(batches, "left_for_next", look_and_withdraw)
    lines_at_first = batches.next_lines()
    assert [line.text.split(" ")[1:4] for line in lines_at_first if line.kind == "roll"] == [
        ["roll", "0", "2"]
    ]
    seal(everything=True)
    audited()


def test_a_roll_comes_daily_though_the_number_is_the_same(
    later: Pass, cause: Cause, alice: User
) -> None:
    for choice in ["for", "against"]:
        vote(alice, cause, choice)
        seal(everything=True)
        later(days=1)
    assert rolls() == [("0", "1", "2027-03-01"), ("0", "1", "2027-03-02")]


def test_a_day_without_a_line_is_not_told(later: Pass, cause: Cause) -> None:
    seal(everything=True)
    later(days=1)
    assert seal(everything=True).lines == 0


def test_a_cause_that_changed_is_counted_the_next_day_and_then_no_more(
    later: Pass, cause: Cause, cid: str, alice: User, charlie: User, shop: Organisation
) -> None:
    vote(alice, cause, "for")
    vote(charlie, cause, "against")
    seal(everything=True)
    assert tallies(cid) == []
    other = start_cause(alice, shop, "Bring back Product Y")
    for choice in ["for", "against", "for"]:
        later(days=1)
        vote(alice, other, choice)
        audited()
    assert tallies(cid) == [[4, 1, 1, 0]]
    assert [one[1:] for one in tallies(version_of(other).cid)] == [[1, 0, 0], [0, 1, 0]]


def test_a_tally_does_not_count_what_is_not_sealed_yet(
    later: Pass, cause: Cause, cid: str, alice: User, charlie: User
) -> None:
    vote(alice, cause, "for")
    seal(everything=True)
    later(days=1)
    vote(alice, cause, "against")
    vote(charlie, cause, "for")
    audited()
    assert tallies(cid) == [[3, 1, 0, 0]]


def test_annulled_seats_are_told_apart(
    later: Pass, cause: Cause, cid: str, alice: User, charlie: User
) -> None:
    for user in (alice, charlie):
        vote(user, cause, "for")
    annul(cid=cid, pseudonyms=[own_seats(user=charlie, cids=[cid])[cid].p], reason="duplicate")
    seal(everything=True)
    later(days=1)
    vote(alice, cause, "against")
    audited()
    assert [one[1:] for one in tallies(cid)] == [[1, 0, 1]]


def test_the_last_tally_covers_every_vote_and_comes_before_the_end(
    later: Pass, cause: Cause, cid: str, alice: User, charlie: User
) -> None:
    vote(alice, cause, "for")
    vote(charlie, cause, "for")
    close_cause(by=alice, cause=cause)
    audited()
    assert kinds()[2:] == ["vote", "vote", "tally", "close"]
    assert tallies(cid) == [[4, 2, 0, 0]]


def test_a_cause_without_votes_ends_without_a_tally(later: Pass, cause: Cause, alice: User) -> None:
    close_cause(by=alice, cause=cause)
    audited()
    assert sorted(kinds()) == ["cause", "close", "roll"]


def test_what_happens_after_the_end_is_counted_the_next_day(
    later: Pass, cause: Cause, cid: str, alice: User, shop: Organisation
) -> None:
    vote(alice, cause, "for")
    close_cause(by=alice, cause=cause)
    seal(everything=True)
    annul(cid=cid, pseudonyms=[own_seats(user=alice, cids=[cid])[cid].p], reason="test")
    seal(everything=True)
    later(days=1)
    start_cause(alice, shop, "Bring back Product Y")
    audited()
    assert [one[1:] for one in tallies(cid)] == [[1, 0, 0], [0, 0, 1]]


def test_the_digest_is_that_of_the_live_seats(
    cause: Cause, cid: str, alice: User, charlie: User
) -> None:
    vote(alice, cause, "for")
    vote(charlie, cause, "for")
    vote(charlie, cause, "against")
    size = seal(everything=True).size
    live = [own_seats(user=user, cids=[cid])[cid].text.encode() for user in (alice, charlie)]
    assert tally_of(cid, size).digest == live_seats_digest(live)


ACTIONS = ["join", "join", "vote", "vote", "account", "annul", "reinstate", "seal", "seal", "day"]
NUMBER = st.integers(0, 31)


class Days:
    """Whatever happens in a few days."""

    def __init__(self, author: User, shop: Organisation, later: Pass) -> None:
        self.author, self.shop, self.later = author, shop, later
        self.people: list[User] = []
        self.causes = [start_cause(author, shop, "Bring back Product X")]
        self.number = 0

    def do(self, action: str, one: int, two: int) -> None:
        self.number += 1
        getattr(self, action)(self.causes[one % len(self.causes)], two)

    def account(self, _cause: Cause, _two: int) -> None:
        self.people.append(join(f"person{self.number}"))

    def join(self, cause: Cause, two: int) -> None:
        self.account(cause, two)
        self.vote(cause, len(self.people) - 1)

    def vote(self, cause: Cause, two: int) -> None:
        cause.refresh_from_db()
        if self.people and cause.state == "open":
            user = self.people[two % len(self.people)]
            held = own_seats(user=user, cids=[version_of(cause).cid])
            vote(user, cause, ["for", "against", "withdrawn" if held else "for"][two % 3])

    def annul(self, cause: Cause, two: int) -> None:
        annul(cid=version_of(cause).cid, pseudonyms=self._seats(cause, two), reason="bot")

    def reinstate(self, cause: Cause, two: int) -> None:
        reinstate(cid=version_of(cause).cid, pseudonyms=self._seats(cause, two))

    def _seats(self, cause: Cause, two: int) -> list[str]:
        cid = version_of(cause).cid
        chosen = self.people[two % 3 :: 2]
        return [seat.p for user in chosen for seat in own_seats(user=user, cids=[cid]).values()]

    def publish(self, _cause: Cause, _two: int) -> None:
        self.causes.append(start_cause(self.author, self.shop, f"Product {self.number}"))

    def close(self, cause: Cause, _two: int) -> None:
        close_cause(by=self.author, cause=Cause.objects.get(pk=cause.pk))

    def day(self, _cause: Cause, two: int) -> None:
        self.later(hours=two)

    def seal(self, _cause: Cause, two: int) -> None:
        seal(everything=bool(two % 4))
        judged()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.tuples(st.sampled_from([*ACTIONS, *ACTIONS, "publish", "close"]), NUMBER, NUMBER),
        min_size=15,
        max_size=50,
    )
)
def test_the_audit_accepts_every_line_of_any_days(
    later: Pass, shop: Organisation, actions: list[tuple[str, int, int]]
) -> None:
    with transaction.atomic():
        days = Days(join("author"), shop, later)
        for action in actions:
            days.do(*action)
        audited()
        transaction.set_rollback(True)
    shutil.rmtree(publisher.directory())
