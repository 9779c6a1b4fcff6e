"""The published rule of strength: the same for both sides, and moved by the other side."""

from dataclasses import replace
from math import sqrt

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from stimme.apps.deliberation.strength import (
    ENOUGH,
    Marks,
    Order,
    Reason,
    Side,
    Z,
    decided_by,
    in_order,
    lower_bound,
    strength,
    strongest,
)

OTHER: dict[Side, Side] = {"for": "against", "against": "for"}
MANY = Marks(votes_for=ENOUGH, votes_against=ENOUGH, people=2 * ENOUGH)
# The lower end of a two-sided 80 % interval, from scipy.stats.binomtest(k, n).proportion_ci(0.8,
# "wilson") of SciPy 1.17.1.
SCIPY = {
    (1, 1): 0.378448,
    (1, 5): 0.061896,
    (3, 5): 0.330421,
    (5, 5): 0.752743,
    (8, 10): 0.601596,
    (30, 100): 0.244890,
    (1, 29): 0.010372,
    (15, 148): 0.073809,
    (81, 263): 0.272788,
}
shares = st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
sides: st.SearchStrategy[Side] = st.sampled_from(["for", "against"])


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Reason], dict[int, Marks], Marks]:
    """Reasons of at most five authors, who marked which, and who any."""
    given = Marks(draw(st.integers(0, 12)), draw(st.integers(0, 12)))
    given = replace(given, people=given.votes_for + given.votes_against + draw(st.integers(0, 12)))
    reasons = [
        Reason(number + 1, draw(sides), draw(st.sampled_from("abcde")))
        for number in range(draw(st.integers(0, 8)))
    ]
    return reasons, {one.number: draw(_part_of(given)) for one in reasons}, given


@st.composite
def _part_of(draw: st.DrawFn, given: Marks) -> Marks:
    pro = draw(st.integers(0, given.votes_for))
    contra = draw(st.integers(0, given.votes_against))
    others = given.people - given.votes_for - given.votes_against
    return Marks(pro, contra, pro + contra + draw(st.integers(0, others)))


def turned(marks: Marks) -> Marks:
    return Marks(marks.votes_against, marks.votes_for, marks.people)


def numbers(order: Order, side: Side) -> list[int]:
    return [reason.number for reason in order[side]]


class TestTheBound:
    @pytest.mark.parametrize("marked, of", SCIPY)
    def test_is_that_of_another_program(self, marked: int, of: int) -> None:
        assert lower_bound(marked, of) == pytest.approx(SCIPY[marked, of], abs=3e-5)

    @for_any(shares)
    def test_is_the_share_that_what_was_seen_just_does_not_refute(
        self, share: tuple[int, int]
    ) -> None:
        """As Wilson defines it: so many standard errors of its own below the share seen."""
        marked, of = share
        low = lower_bound(marked, of)
        assert marked / of - low == pytest.approx(Z * sqrt(low * (1 - low) / of), abs=1e-7)

    @for_any(shares)
    def test_lies_between_nothing_and_the_share(self, share: tuple[int, int]) -> None:
        marked, of = share
        assert 0 <= lower_bound(marked, of) <= marked / of <= 1

    @for_any(shares)
    def test_rises_with_every_further_mark(self, share: tuple[int, int]) -> None:
        marked, of = share
        assert lower_bound(marked + 1, of + 1) > lower_bound(marked, of)
        if marked < of:
            assert lower_bound(marked + 1, of) > lower_bound(marked, of)

    def test_of_nobody_is_nothing(self) -> None:
        assert (lower_bound(0, 0), lower_bound(0, 7)) == (0, 0)

    @pytest.mark.parametrize("marked, of", [(1, 0), (-1, 5), (6, 5)])
    def test_is_of_a_part(self, marked: int, of: int) -> None:
        with pytest.raises(ValueError, match="cannot have marked"):
            lower_bound(marked, of)


class TestStrength:
    @for_any(histories())
    def test_is_the_same_for_both_sides(
        self, history: tuple[list[Reason], dict[int, Marks], Marks]
    ) -> None:
        reasons, got, given = history
        mirrored = [replace(one, side=OTHER[one.side]) for one in reasons]
        order = in_order(reasons, got, given)
        back = in_order(mirrored, {key: turned(one) for key, one in got.items()}, turned(given))
        assert numbers(order, "for") == numbers(back, "against")
        assert numbers(order, "against") == numbers(back, "for")
        by = decided_by(given)
        assert by == decided_by(turned(given))
        pair = [one and one.number for one in strongest(order, by)]
        assert pair[::-1] == [one and one.number for one in strongest(back, by)]

    @for_any(sides, st.data())
    def test_never_falls_by_a_mark_of_the_other_side(self, side: Side, data: st.DataObject) -> None:
        given = data.draw(histories())[2]
        got = data.draw(_part_of(given))
        one_more = {"for": Marks(1, 0, 1), "against": Marks(0, 1, 1)}[OTHER[side]]
        reason = Reason(1, side, "a")
        before = strength(reason, got, given)
        # Of somebody who had marked nothing yet.
        assert strength(reason, plus(got, one_more), plus(given, one_more)) > before

    def test_is_first_what_the_other_side_says(self) -> None:
        loved, convincing = Reason(1, "for", "a"), Reason(2, "for", "b")
        got = {1: Marks(90, 0, 95), 2: Marks(0, 3, 3)}
        order = in_order([loved, convincing], got, Marks(90, 5, 100))
        assert numbers(order, "for") == [2, 1]

    def test_is_then_what_all_say_and_then_what_is_newer(self) -> None:
        reasons = [Reason(number, "against", "a") for number in (1, 2, 3)]
        got = {2: Marks(0, 0, 1)}
        order = in_order(reasons, got, MANY)
        assert numbers(order, "against") == [2, 3, 1]

    def test_of_few_is_less_than_the_same_share_of_many(self) -> None:
        given = Marks(10, 100, 200)
        pro = strength(Reason(1, "for", "a"), Marks(0, 80, 80), given)
        contra = strength(Reason(1, "against", "a"), Marks(8, 0, 8), given)
        assert pro.across > contra.across


def plus(one: Marks, other: Marks) -> Marks:
    return Marks(
        one.votes_for + other.votes_for,
        one.votes_against + other.votes_against,
        one.people + other.people,
    )


class TestWhileFewHaveMarkedAnything:
    @pytest.mark.parametrize("few", [Marks(4, 90, 94), Marks(90, 4, 94), Marks(0, 0, 500)])
    def test_the_newest_decide_for_both_sides(self, few: Marks) -> None:
        assert decided_by(few) == "newest"
        reasons = [Reason(1, "for", "a"), Reason(2, "for", "b"), Reason(3, "against", "c")]
        order = in_order(reasons, {1: Marks(0, 4, 4)}, few)
        assert numbers(order, "for") == [2, 1]

    def test_each_author_has_one_turn_before_any_has_a_second(self) -> None:
        reasons = [Reason(1, "for", "a"), *(Reason(number, "for", "b") for number in (2, 3, 4))]
        assert numbers(in_order(reasons, {}, Marks()), "for") == [4, 1, 3, 2]

    def test_nobody_answers_their_own_reason(self) -> None:
        """A weak reason against one's own demand would stand for the other side."""
        own = [Reason(3, "for", "a"), Reason(4, "against", "a")]
        assert strongest(in_order(own, {}, Marks()), "newest") == (None, own[1])
        others = [Reason(1, "for", "b"), Reason(2, "against", "b"), *own]
        assert strongest(in_order(others, {}, Marks()), "newest") == (others[0], own[1])

    def test_marks_of_many_let_one_author_stand_for_both(self) -> None:
        own = [Reason(3, "for", "a"), Reason(4, "against", "a")]
        assert strongest(in_order(own, {}, MANY), "marks") == tuple(own)


def test_without_reasons_nothing_is_the_strongest() -> None:
    assert strongest(in_order([], {}, MANY), "marks") == (None, None)
