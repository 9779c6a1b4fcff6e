"""Reading reasons: in the order of their strength, and those that are somebody's own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import cast

from django.core.cache import cache
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
    prefetch_related_objects,
)

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import account_secret
from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.models import Seat
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.deliberation import strength
from stimme.apps.deliberation.models import Mark, Side, Statement
from stimme.apps.deliberation.strength import NOBODY, By, Marks, Order, Reason
from stimme.text import search_key

_ANNULLED = "annulled"
_MANY = 1000  # people who marked anything
_KEPT = 30  # seconds for which their marks are not counted again
_ANY = 0  # in the place of a statement's number, which begins with 1
_SHORTEST_SHARED = 4  # letters
_MOST_WORDS = 12
_MOST_SIMILAR = 5


@dataclass(frozen=True, slots=True)
class Ranked:
    """A statement, who marked it, and who marked any; people of annulled votes are in neither.

    `hidden_because` is the public reason of moderation, and empty while it is shown.
    """

    statement: Statement
    got: Marks
    given: Marks
    hidden_because: str = ""

    @property
    def across(self) -> int:
        """Voters of the other side who marked it."""
        return self.got.across(_side(self.statement))

    @property
    def of_across(self) -> int:
        """Voters of the other side who marked any reason."""
        return self.given.across(_side(self.statement))


@dataclass(frozen=True, slots=True)
class Strongest:
    """The reason that stands for each side, chosen by marks or, while there are few, as newest."""

    for_: Ranked | None
    against: Ranked | None
    by: By


@dataclass(frozen=True, slots=True)
class Reasons:
    """Some reasons of each side, the strongest first, and how many there are of each."""

    for_: list[Ranked]
    against: list[Ranked]
    number_for: int
    number_against: int
    by: By

    @property
    def number(self) -> int:
        return self.number_for + self.number_against

    @property
    def longest(self) -> int:
        """How many there are of the side that has more."""
        return max(self.number_for, self.number_against)

    @property
    def in_turns(self) -> list[Ranked]:
        """One for, one against, and so on: where they stand below each other no side is first."""
        pairs = chain.from_iterable(zip_longest(self.for_, self.against))
        return [one for one in pairs if one]


@dataclass(frozen=True, slots=True)
class _Standing:
    """All reasons of a cause in their order, without their texts."""

    order: Order
    got: Mapping[int, Marks]
    given: Marks

    @property
    def by(self) -> By:
        return strength.decided_by(self.given)


def strongest(cause_pk: int) -> Strongest:
    """Return the strongest reason for and against, in at most three queries."""
    standing = _standing(cause_pk, _shown())
    chosen = strength.strongest(standing.order, standing.by)
    found = _ranked(cause_pk, standing, filter(None, chosen))
    by_side = {one.statement.side: one for one in found}
    return Strongest(by_side.get(Side.FOR), by_side.get(Side.AGAINST), standing.by)


def reasons(cause_pk: int, *, start: int = 0, stop: int = 3, shown: bool = True) -> Reasons:
    """Return the reasons from `start` to `stop` of each side, in at most three queries.

    Without `shown`, hidden ones stand in their places too, and withdrawn ones after all others;
    the reasons for hiding take one query more.
    """
    standing = _standing(cause_pk, _shown() if shown else Q())
    wanted = [one for side in standing.order.values() for one in side[start:stop]]
    found = _ranked(cause_pk, standing, wanted)
    return Reasons(
        for_=[one for one in found if one.statement.side == Side.FOR],
        against=[one for one in found if one.statement.side == Side.AGAINST],
        number_for=len(standing.order["for"]),
        number_against=len(standing.order["against"]),
        by=standing.by,
    )


def own_pseudonyms(*, user: User, cause_pk: int) -> list[str]:
    """Return the user's pseudonyms in every box of the cause from which there is a reason."""
    secret = account_secret(user=user)
    boxes = Statement.objects.filter(cause=cause_pk).order_by().values_list("cid", flat=True)
    return [pseudonym_of(secret=secret, cid=cid) for cid in boxes.distinct()]


def own_statements(*, user: User, cause_pk: int) -> list[Statement]:
    """Return the user's reasons on all versions of a cause, but for withdrawn ones.

    `marked` says whether others did, and so whether its words are frozen.
    """
    own = own_pseudonyms(user=user, cause_pk=cause_pk)
    found = Statement.objects.filter(cause=cause_pk, p__in=own, withdrawn_at=None)
    marked = Exists(Mark.objects.filter(statement=OuterRef("pk")))
    return list(found.annotate(marked=marked).order_by("number"))


def is_own(*, user: User, statement: Statement) -> bool:
    secret = account_secret(user=user)
    return statement.p == pseudonym_of(secret=secret, cid=statement.cid)


def own_marks(*, user: User, cid: str) -> set[int]:
    """Return the numbers of the statements that the user marked in the box `cid`."""
    p = pseudonym_of(secret=account_secret(user=user), cid=cid)
    found = Mark.objects.filter(cid=cid, p=p)
    return set(found.values_list("statement__number", flat=True))


def similar_statements(*, cause_pk: int, text: str) -> list[Statement]:
    """At most five reasons of the cause that share words of four letters or more with `text`."""
    words = [word for word in search_key(text).split() if len(word) >= _SHORTEST_SHARED]
    words = list(dict.fromkeys(words))[:_MOST_WORDS]
    if not words:
        return []
    shared = sum((_one_if(Q(search_text__contains=word)) for word in words), Value(0))
    found = Statement.objects.filter(_shown(), cause=cause_pk).annotate(shared=shared)
    return list(found.filter(shared__gt=0).order_by("-shared", "-number")[:_MOST_SIMILAR])


def _one_if(condition: Q) -> Case:
    return Case(When(condition, then=1), default=0, output_field=IntegerField())


def _shown() -> Q:
    return Q(hidden=False, withdrawn_at=None)


def _side(statement: Statement) -> strength.Side:
    return "for" if statement.side == Side.FOR else "against"


def _standing(cause_pk: int, which: Q) -> _Standing:
    found = Statement.objects.filter(which, cause=cause_pk).order_by("-number")
    rows = list(found.values_list("number", "side", "p", "withdrawn_at", "cause__current__cid"))
    got = _marks(rows[0][-1]) if rows else {}
    given = got.get(_ANY, NOBODY)
    standing: list[Reason] = []
    withdrawn: list[Reason] = []
    for number, side, p, withdrawn_at, _cid in rows:
        reason = Reason(number, cast("strength.Side", side), p)
        (withdrawn if withdrawn_at else standing).append(reason)
    order = strength.in_order(standing, got, given)
    for reason in withdrawn:
        order[reason.side].append(reason)
    return _Standing(order, got, given)


def _marks(cid: str) -> dict[int, Marks]:
    """Return who marked each statement in this box, by its number, and who any.

    One query, or none: where many marked, one more changes little, and all are counted again.
    """
    key = f"marks:{cid}"
    marks: dict[int, Marks] | None = cache.get(key)
    if marks is None:
        marks = _count_marks(cid)
        if marks.get(_ANY, NOBODY).people >= _MANY:
            cache.set(key, marks, _KEPT)
    return marks


def _count_marks(cid: str) -> dict[int, Marks]:
    seats = Seat.objects.filter(cid=OuterRef("cid"), p=OuterRef("p")).annotate(
        vote=Case(When(annulled="", then=F("choice")), default=Value(_ANNULLED))
    )
    marks = Mark.objects.filter(cid=cid).annotate(vote=Subquery(seats.values("vote")))
    each = marks.annotate(number=F("statement__number")).values("number", "vote")
    anything = marks.annotate(number=Value(_ANY, IntegerField())).values("number", "vote")
    rows = each.annotate(people=Count("pk")).union(
        anything.annotate(people=Count("p", distinct=True)), all=True
    )
    votes: dict[int, dict[str | None, int]] = {}
    for row in rows:
        if row["vote"] != _ANNULLED:
            votes.setdefault(row["number"], {})[row["vote"]] = row["people"]
    return {number: _counted(by_vote) for number, by_vote in votes.items()}


def _counted(by_vote: Mapping[str | None, int]) -> Marks:
    pro, contra = (by_vote.get(choice, 0) for choice in (Choice.FOR, Choice.AGAINST))
    return Marks(votes_for=pro, votes_against=contra, people=sum(by_vote.values()))


def _ranked(cause_pk: int, standing: _Standing, wanted: Iterable[Reason]) -> list[Ranked]:
    """Read the statements of these reasons, in their order."""
    numbers = [reason.number for reason in wanted]
    if not numbers:
        return []
    found = Statement.objects.filter(cause=cause_pk, number__in=numbers).defer("search_text")
    statements = {statement.number: statement for statement in found}
    because = _hidden_because(statements.values())
    return [
        Ranked(
            statement=statements[number],
            got=standing.got.get(number, NOBODY),
            given=standing.given,
            hidden_because=because.get(statements[number].pk, ""),
        )
        for number in numbers
    ]


def _hidden_because(statements: Iterable[Statement]) -> dict[int, str]:
    """Return the public reasons of those that are hidden; no query where none is."""
    hidden = [statement for statement in statements if statement.hidden]
    prefetch_related_objects(hidden, "moderation_actions")
    return {
        statement.pk: next(
            action.reason for action in statement.moderation_actions.all() if action.verb == "hide"
        )
        for statement in hidden
    }
