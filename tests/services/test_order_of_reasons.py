"""Which reasons stand first: by marks, and by the votes of those who gave them."""

from collections.abc import Iterator
from itertools import count

import pytest
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.ballot.selectors import own_seats
from stimme.apps.ballot.services import annul
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, revise_cause
from stimme.apps.deliberation import selectors
from stimme.apps.deliberation.models import Statement
from stimme.apps.deliberation.selectors import reasons, similar_statements, strongest
from stimme.apps.deliberation.services import mark, post_statement, withdraw_statement
from stimme.apps.deliberation.strength import Marks
from stimme.apps.moderation.services import hide, restore
from tests.house import version_of, vote

NEW = Demand("Bring back Product X before Christmas", "en", "It is on the shelf again.")


@pytest.fixture
def people(db: None) -> Iterator[User]:
    """Somebody new each time."""
    return (User.objects.create_user(f"somebody-{number}@example.org") for number in count())


@pytest.fixture
def pro(cause: Cause, people: Iterator[User]) -> list[Statement]:
    """Two reasons for it, the older first."""
    return [give(next(people), cause, "for", text) for text in ("It is healthy.", "It is cheap.")]


@pytest.fixture
def contra(cause: Cause, people: Iterator[User]) -> list[Statement]:
    return [give(next(people), cause, "against", text) for text in ("Too sweet.", "Too dear.")]


def give(user: User, cause: Cause, side: str, text: str) -> Statement:
    return post_statement(by=user, cause=cause, side=side, text=text)


def mark_as(user: User, cause: Cause, choice: str, *statements: Statement) -> None:
    """Vote, unless `choice` is empty, and mark."""
    if choice:
        vote(user, cause, choice)
    for statement in statements:
        mark(by=user, statement=statement, wording=1)


def crowd(
    cause: Cause, people: Iterator[User], number: int, choice: str, *statements: Statement
) -> list[User]:
    found = [next(people) for _ in range(number)]
    for user in found:
        mark_as(user, cause, choice, *statements)
    return found


def texts(cause: Cause) -> tuple[list[str], list[str]]:
    found = reasons(cause.pk)
    return (
        [one.statement.text for one in found.for_],
        [one.statement.text for one in found.against],
    )


class TestWithFewMarks:
    def test_the_newest_come_first(
        self, cause: Cause, people: Iterator[User], pro: list[Statement], contra: list[Statement]
    ) -> None:
        crowd(cause, people, 5, "for", contra[0])
        crowd(cause, people, 4, "against", pro[0])
        assert texts(cause) == (["It is cheap.", "It is healthy."], ["Too dear.", "Too sweet."])
        best = strongest(cause.pk)
        assert best.by == "newest"
        assert best.for_
        assert best.against
        assert (best.for_.statement, best.against.statement) == (pro[1], contra[1])

    def test_without_any_there_is_none(self, cause: Cause) -> None:
        best = strongest(cause.pk)
        assert (best.for_, best.against, best.by) == (None, None, "newest")


class TestWithMarks:
    def test_the_other_side_decides(
        self, cause: Cause, people: Iterator[User], pro: list[Statement], contra: list[Statement]
    ) -> None:
        crowd(cause, people, 20, "for", pro[1])
        crowd(cause, people, 5, "against", pro[0])
        crowd(cause, people, 5, "for", contra[0])
        best = strongest(cause.pk)
        assert best.by == "marks"
        assert best.for_
        assert best.against
        assert (best.for_.statement, best.against.statement) == (pro[0], contra[0])
        assert texts(cause)[0] == ["It is healthy.", "It is cheap."]
        assert (best.for_.across, best.for_.of_across) == (5, 5)
        assert (best.against.across, best.against.of_across) == (5, 25)
        assert best.for_.given == Marks(votes_for=25, votes_against=5, people=30)

    def test_somebody_without_a_vote_counts_only_among_all(
        self, cause: Cause, people: Iterator[User], pro: list[Statement]
    ) -> None:
        crowd(cause, people, 3, "", pro[0])
        [withdrew] = crowd(cause, people, 1, "against", pro[0])
        vote(withdrew, cause, "withdrawn")
        assert reasons(cause.pk).for_[0].given == Marks(0, 0, 4)

    def test_a_mark_follows_the_vote(
        self, cause: Cause, people: Iterator[User], pro: list[Statement]
    ) -> None:
        [voter] = crowd(cause, people, 1, "against", pro[0])
        assert reasons(cause.pk).for_[1].got == Marks(0, 1, 1)
        vote(voter, cause, "for")
        assert reasons(cause.pk).for_[1].got == Marks(1, 0, 1)

    def test_an_annulled_vote_takes_its_marks_along(
        self, cause: Cause, people: Iterator[User], pro: list[Statement]
    ) -> None:
        machines = crowd(cause, people, 5, "against", pro[0])
        cid = version_of(cause).cid
        seats = [own_seats(user=user, cids=[cid])[cid].p for user in machines]
        annul(cid=cid, pseudonyms=seats, reason="bot")
        assert {one.given for one in reasons(cause.pk).for_} == {Marks(0, 0, 0)}

    def test_a_new_version_starts_from_none(
        self, cause: Cause, people: Iterator[User], alice: User, pro: list[Statement]
    ) -> None:
        crowd(cause, people, 5, "against", *pro)
        revise_cause(by=alice, cause=cause, demand=NEW)
        found = reasons(cause.pk)
        assert (found.number, {one.given for one in found.for_}) == (2, {Marks(0, 0, 0)})


class TestWhatIsNotShown:
    def test_never_stands_for_its_side(
        self, cause: Cause, bob: User, charlie: User, pro: list[Statement]
    ) -> None:
        own = give(charlie, cause, "for", "It was the only one.")
        withdraw_statement(by=charlie, statement=own)
        hide(by=bob, target=pro[1], reason="It names a private person.")
        best = strongest(cause.pk)
        assert best.for_
        assert best.for_.statement == pro[0]
        assert reasons(cause.pk).number == 1

    def test_stands_in_its_place_with_the_reason(
        self, cause: Cause, bob: User, pro: list[Statement]
    ) -> None:
        hide(by=bob, target=pro[1], reason="A first reason.")
        restore(by=bob, target=pro[1], reason="A mistake.")
        pro[1].refresh_from_db()
        hide(by=bob, target=pro[1], reason="It names a private person.")
        found = reasons(cause.pk, shown=False).for_
        assert [one.statement for one in found] == [pro[1], pro[0]]
        assert [one.hidden_because for one in found] == ["It names a private person.", ""]

    def test_stands_last_when_it_was_withdrawn(
        self, cause: Cause, charlie: User, pro: list[Statement]
    ) -> None:
        own = give(charlie, cause, "for", "It was the only one.")
        withdraw_statement(by=charlie, statement=own)
        found = reasons(cause.pk, shown=False).for_
        assert [one.statement for one in found] == [pro[1], pro[0], own]


class TestQueries:
    @pytest.mark.parametrize("number", [1, 3])
    def test_are_three_however_many_reasons(
        self,
        cause: Cause,
        people: Iterator[User],
        number: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _ in range(number):
            for side in ("for", "against"):
                crowd(cause, people, 2, side, give(next(people), cause, side, "A good reason"))
        with django_assert_num_queries(3):
            strongest(cause.pk)
        with django_assert_num_queries(3):
            reasons(cause.pk, shown=False)

    def test_are_two_for_a_while_where_many_marked(
        self,
        cause: Cause,
        people: Iterator[User],
        pro: list[Statement],
        monkeypatch: pytest.MonkeyPatch,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        monkeypatch.setattr(selectors, "_MANY", 2)
        for number in (1, 2):
            crowd(cause, people, 1, "for", pro[0])
            assert reasons(cause.pk).for_[1].got == Marks(number, 0, number)
        crowd(cause, people, 1, "for", pro[0])
        with django_assert_num_queries(2):
            assert reasons(cause.pk).for_[1].got == Marks(2, 0, 2)

    def test_is_one_without_reasons(
        self, cause: Cause, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(1):
            strongest(cause.pk)


def test_similar_ones_share_words(cause: Cause, people: Iterator[User]) -> None:
    sugar = give(next(people), cause, "for", "It was the only one without SUGAR!")
    give(next(people), cause, "for", "The shop is near.")
    both = give(next(people), cause, "against", "Sugar-free, but the only bottle is plastic")
    found = similar_statements(cause_pk=cause.pk, text="It is the only bottle without sugar")
    assert found == [both, sugar]
    assert similar_statements(cause_pk=cause.pk, text="A b c") == []


def test_pages_hold_some_of_each_side(
    cause: Cause, pro: list[Statement], contra: list[Statement]
) -> None:
    found = reasons(cause.pk, start=1, stop=2)
    assert [one.statement for one in [*found.for_, *found.against]] == [pro[0], contra[0]]
    assert (found.number, found.longest) == (4, 2)
