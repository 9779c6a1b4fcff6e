"""How a cause was voted on, in words and as rows: numbers of first votes, from ten on."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _

from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.readings import TIMES
from stimme.apps.ballot.selectors import HowOf, HowVotedOn

# What each number counts: docs/use/open-data.md.
COLUMNS = (
    "choice",
    "first_votes",
    "opened_briefing",
    "count_seen",
    "measured",
    "both_reasons_seen",
    "source_opened",
    "median_seconds_from",
    "median_seconds_below",
    "questions_answered",
    "answered_right",
)


class Told(NamedTuple):
    """The numbers of one choice, None where fewer than ten made it first."""

    choice: Choice
    how: HowOf | None


class Cell(NamedTuple):
    """A number, if there is one of how many; or `words` in its place."""

    number: int = 0
    of: int | None = None
    words: str = ""


class Row(NamedTuple):
    """One line of the table, with a cell for each choice."""

    label: str
    cells: tuple[Cell, ...]


class HowTold(NamedTuple):
    choices: tuple[Told, ...]
    rows: tuple[Row, ...]


def told(how: HowVotedOn) -> HowTold | None:
    """Return what a page tells of both choices; None where nothing is told of either."""
    choices = Told(Choice.FOR, how.votes_for), Told(Choice.AGAINST, how.votes_against)
    if not any(one.how for one in choices):
        return None
    return HowTold(choices, tuple(_row(label, of, choices) for label, of in _lines()))


def _row(label: str, of: Callable[[HowOf], Cell], choices: Iterable[Told]) -> Row:
    return Row(label, tuple(of(one.how) if one.how else Cell(words="–") for one in choices))


def _lines() -> list[tuple[str, Callable[[HowOf], Cell]]]:
    return [
        (_("first votes"), lambda one: Cell(one.n)),
        (_("opened both sides first"), lambda one: Cell(one.briefed, one.n)),
        (_("had seen the count"), lambda one: Cell(one.count_seen, one.n)),
        (_("measured by a script"), lambda one: Cell(one.measured)),
        (_("of those: had both reasons in view"), lambda one: Cell(one.both_seen, one.measured)),
        (_("of those: opened a source"), lambda one: Cell(one.source_opened, one.measured)),
        (_("median time on both sides"), lambda one: Cell(words=_time(one.time))),
        (_("questions of the self-check answered"), lambda one: Cell(one.checked)),
        (_("of those: right"), lambda one: Cell(one.right, one.checked)),
    ]


def _time(bucket: int | None) -> str:
    start, end = _limits(bucket)
    if start is None:
        return "–"
    if end is None:
        return _("%(number)s s or more") % {"number": start}
    return _("%(start)s to %(end)s s") % {"start": start, "end": end}


def rows(how: HowVotedOn) -> Iterator[tuple[str | int | None, ...]]:
    """Yield a row of each choice, in the order of COLUMNS; unknown is empty, not zero."""
    for choice, of in ((Choice.FOR, how.votes_for), (Choice.AGAINST, how.votes_against)):
        if of is None:
            yield (choice.value, *[None] * (len(COLUMNS) - 1))
            continue
        yield (
            choice.value,
            of.n,
            of.briefed,
            of.count_seen,
            of.measured,
            of.both_seen,
            of.source_opened,
            *_limits(of.time),
            of.checked,
            of.right,
        )


def _limits(bucket: int | None) -> tuple[int | None, int | None]:
    """Return the seconds from which and below which a bucket counts; the last has no end."""
    if bucket is None:
        return None, None
    edges = (0, *TIMES)
    return edges[bucket - 1], TIMES[bucket - 1] if bucket <= len(TIMES) else None
