"""Two or three questions made from a briefing: who says so, what would others say, who pays."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from stimme.apps.ballot.readings import MOST_QUESTIONS
from stimme.apps.causes.models import AffectedParty, Effect
from stimme.apps.causes.selectors import Briefing

_LONGEST = 16  # words of a reason
_WRONG = 2  # options beside the right one


@dataclass(frozen=True, slots=True)
class Question:
    """`right` is the place of the right one among the options, from 0."""

    text: str
    options: tuple[str, ...]
    right: int

    @property
    def answer(self) -> str:
        return self.options[self.right]


@dataclass(frozen=True, slots=True)
class Reasons:
    """The strongest reason of each side, or nothing where there is none."""

    side_for: str = ""
    side_against: str = ""


def questions_of(briefing: Briefing, reasons: Reasons, *, against_first: bool) -> list[Question]:
    """Return the questions in the language of the page.

    They differ between those who meet the choice against first and the others, in the order of
    their options and in whose reason is asked for; for each of the two they are always the same.
    """
    order = Random(f"{briefing.current.cid} {against_first}")  # noqa: S311  nothing secret
    found = [
        _who_decides(briefing, order),
        _other_side(reasons, order, against_first=against_first),
        _who_loses(briefing, order),
        _what_then(order),
    ]
    return [question for question in found if question][:MOST_QUESTIONS]


def _question(text: str, right: str, wrong: Sequence[str], order: Random) -> Question:
    options = [right, *wrong]
    order.shuffle(options)
    return Question(text, tuple(options), options.index(right))


def _who_decides(briefing: Briefing, order: Random) -> Question:
    wrong = [_("the people who vote here"), _("the people who run this site")]
    return _question(_("Who decides this?"), briefing.cause.organisation.name, wrong, order)


def _other_side(reasons: Reasons, order: Random, *, against_first: bool) -> Question | None:
    both = [_begin(reason) for reason in (reasons.side_for, reasons.side_against)]
    if not all(both) or both[0] == both[1]:
        return None
    wrong, right = reversed(both) if against_first else both
    asks_for = _("Which of these is a reason for it?")
    asks_against = _("Which of these is a reason against it?")
    return _question(asks_for if against_first else asks_against, right, [wrong], order)


def _begin(reason: str) -> str:
    return Truncator(reason).words(_LONGEST)


def _who_loses(briefing: Briefing, order: Random) -> Question | None:
    losers, gainers = (_names(briefing.named_as(effect)) for effect in (Effect.LOSES, Effect.GAINS))
    names = {party.name for party in briefing.named if party.effect != Effect.GAINS}
    wrong = [name for name in gainers if name not in names][:_WRONG]
    if not losers or not wrong:
        return None
    return _question(_("Who would lose something by it?"), losers[0], wrong, order)


def _names(parties: Sequence[AffectedParty]) -> list[str]:
    return list(dict.fromkeys(party.name for party in parties))


def _what_then(order: Random) -> Question:
    return _question(
        _("What happens if most vote for it?"),
        _("whoever is asked may answer and decide: nobody can force it"),
        [_("it must be done"), _("it is voted on again elsewhere")],
        order,
    )
