"""Which reason is the strongest: one published rule, the same for both sides.

First counts what the other side says: of its voters who marked any reason, how many marked this
one; then the same among all who marked any; then the newest. A share is not what it is among few:
it counts with the lower end of its 90 % interval.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from operator import attrgetter
from typing import Literal, NamedTuple

Side = Literal["for", "against"]
By = Literal["marks", "newest"]
Order = dict[Side, list["Reason"]]

Z = 1.2816  # 90 % of a normal distribution lie below
ENOUGH = 5  # voters of each side who marked anything; with fewer the newest come first


@dataclass(frozen=True, slots=True)
class Reason:
    """What the rule looks at. `number` is higher for later ones; `author` tells people apart."""

    number: int
    side: Side
    author: str


@dataclass(frozen=True, slots=True)
class Marks:
    """People who marked one reason, or any; `people` are also those without a vote."""

    votes_for: int = 0
    votes_against: int = 0
    people: int = 0

    def across(self, side: Side) -> int:
        """Return those who voted for the other side than `side`."""
        return self.votes_against if side == "for" else self.votes_for


class Strength(NamedTuple):
    """Compared from left to right; shares between 0 and 1."""

    across: float
    among_all: float
    number: int


NOBODY = Marks()


def lower_bound(marked: int, of: int) -> float:
    """Return the lower end of the one-sided 90 % score interval of a share; of nobody 0.

    E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference. Journal
    of the American Statistical Association 22 (1927), 209-212. Raises ValueError unless
    0 <= marked <= of.
    """
    if not 0 <= marked <= of:
        message = f"{marked} of {of} cannot have marked it"
        raise ValueError(message)
    if not marked:
        return 0.0
    share, square = marked / of, Z * Z
    middle = share + square / (2 * of)
    margin = Z * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, (middle - margin) / (1 + square / of))


def strength(reason: Reason, got: Marks, given: Marks) -> Strength:
    """Return how strong a reason is, by those who marked it and those who marked any."""
    across = lower_bound(got.across(reason.side), given.across(reason.side))
    return Strength(across, lower_bound(got.people, given.people), reason.number)


def decided_by(given: Marks) -> By:
    """Return whether enough voters of both sides marked anything for marks to decide."""
    return "marks" if min(given.votes_for, given.votes_against) >= ENOUGH else "newest"


def in_order(reasons: Iterable[Reason], got: Mapping[int, Marks], given: Marks) -> Order:
    """Return the reasons of each side, the strongest first; `got` is by their numbers.

    While the newest decide, the newest of each author come before the second newest of any.
    """
    reasons = list(reasons)
    if decided_by(given) == "newest":
        ordered = _newest(reasons)
    else:
        ordered = sorted(
            reasons,
            key=lambda one: strength(one, got.get(one.number, NOBODY), given),
            reverse=True,
        )
    return {side: [one for one in ordered if one.side == side] for side in ("for", "against")}


def _newest(reasons: list[Reason]) -> list[Reason]:
    before: dict[tuple[str, Side], int] = {}
    turns = []
    for reason in sorted(reasons, key=attrgetter("number"), reverse=True):
        turn = before[reason.author, reason.side] = before.get((reason.author, reason.side), -1) + 1
        turns.append((turn, -reason.number, reason))
    return [reason for _turn, _number, reason in sorted(turns, key=lambda one: one[:2])]


def strongest(order: Order, by: By) -> tuple[Reason | None, Reason | None]:
    """Return the reason for and the one against that stand for their sides.

    Those that marks chose stand as they are. The newest are of two people, so that nobody
    answers a reason of their own with a weak one: where one person gave the newest of both
    sides, the older of them gives way to that of somebody else.
    """
    firsts = [next(iter(order[side]), None) for side in ("for", "against")]
    pro, contra = firsts
    if by == "marks" or pro is None or contra is None or pro.author != contra.author:
        return pro, contra
    if pro.number > contra.number:
        return pro, _of_another(order["against"], pro)
    return _of_another(order["for"], contra), contra


def _of_another(reasons: list[Reason], one: Reason) -> Reason | None:
    return next((reason for reason in reasons if reason.author != one.author), None)
