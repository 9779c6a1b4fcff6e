"""When a `roll` line is due: daily, and in between only where rule R5 would not hold without.

docs/operate/log.md tells the rule to operators, with what it gives away.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping

from django.db.models import QuerySet, Sum

from stimme.apps.accounts.levels import Level
from stimme.apps.accounts.selectors import accounts_by_level
from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.models import Entry, ImportedSigners, Tally
from stimme.engines.translog import RollLine

_DATE = slice(10)  # of an hour


def roll_lines(
    *, hour: str, cids: Collection[str], later: Callable[[], int | None]
) -> list[RollLine]:
    """Return the `roll` lines that a sealing needs which takes lines of seats of these boxes.

    `later` looks how many committed lines it leaves for the next one; None for many. To be called
    after the lines to be sealed were read: then everybody who cast one of them is counted here.
    """
    daily = is_first_of_day(hour)
    said = {level: 0 if daily else _last_roll(level) for level in Level}
    levels = list(Level) if daily else _levels_at_risk(said, cids, later)
    numbers = _numbers() if levels else {}
    return [
        RollLine(str(level.value), numbers[level], hour)
        for level in levels
        if numbers[level] > said[level]
    ]


def _numbers() -> dict[int, int]:
    """Accounts by level; for imported votes, the signers of the files."""
    signers = sum(ImportedSigners.objects.values_list("number", flat=True))
    return accounts_by_level() | {Level.IMPORTED: signers}


def is_first_of_day(hour: str) -> bool:
    """Whether no `roll` of this day (UTC) is in the log; then the daily ones are due."""
    newest = _rolls().order_by("-log_index").values_list("text", flat=True).first()
    return newest is None or RollLine.parse(newest).hour[_DATE] != hour[_DATE]


def start_of_last_day() -> int:
    """Return the index of the first roll of the newest day that has one; 0 without any roll."""
    newest = _rolls().order_by("-log_index").values_list("text", flat=True).first()
    if newest is None:
        return 0
    day = RollLine.parse(newest).hour[_DATE]
    indices = _rolls().filter(text__contains=f" {day}T").values_list("log_index", flat=True)
    return min(indices)


def _levels_at_risk(
    said: Mapping[Level, int], cids: Collection[str], later: Callable[[], int | None]
) -> list[Level]:
    """Levels of which the last roll might fall short of the seats (R5).

    Of the seats that the log counts after this sealing, only such are not among those of the
    tallies whose next line is one of the later ones; so those are looked for after the tallies.
    """
    seats = _most_seats(cids)
    left = later()
    return [level for level in Level if left is None or seats.get(level, 0) + left > said[level]]


def _most_seats(cids: Collection[str]) -> dict[int, int]:
    """By level, the seats of that one of the boxes which has the most that count."""
    rows = (
        Tally.objects.filter(cid__in=cids, annulled=False)
        .exclude(choice=Choice.WITHDRAWN)
        .values_list("level", "cid")
        .annotate(number=Sum("number"))
        .order_by()
    )
    most: dict[int, int] = defaultdict(int)
    for level, _cid, number in rows:
        most[level] = max(most[level], number)
    return most


def _last_roll(level: int) -> int:
    """Number of accounts in the newest `roll` line of a level; 0 without one."""
    rolls = _rolls().filter(text__startswith=f"s1 roll {level} ").order_by("-log_index")
    last = rolls.values_list("text", flat=True).first()
    return RollLine.parse(last).accounts if last else 0


def _rolls() -> QuerySet[Entry]:
    """The lines of no cause are few and have an index; all others would have to be looked at."""
    return Entry.objects.filter(cid="", kind="roll")
