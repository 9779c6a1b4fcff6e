"""How the first votes of a box were cast: counts by choice, told from ten votes on."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import accumulate

from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.models import HowVoted
from stimme.apps.ballot.readings import Reading

FEWEST = 10  # votes of one choice below which nothing is told


@dataclass(frozen=True, slots=True)
class HowOf:
    """Of `n` who first voted so; of those `measured`, `both_seen` and `source_opened`.

    `time` is the bucket (readings.TIMES) of the median time on the briefing, None where fewer
    than ten were measured. `checked` questions of the self-check were answered, `right` rightly.
    """

    n: int
    briefed: int
    count_seen: int
    measured: int
    both_seen: int
    source_opened: int
    time: int | None
    checked: int
    right: int


@dataclass(frozen=True, slots=True)
class HowVotedOn:
    """None for a choice that fewer than ten made first."""

    votes_for: HowOf | None
    votes_against: HowOf | None


def how_voted(cid: str) -> HowVotedOn:
    """Return how the first votes of this box were cast; imported ones are not among them."""
    rows = HowVoted.objects.filter(cid=cid).values_list("choice", "reading", "number")
    readings: dict[str, list[tuple[Reading, int]]] = {Choice.FOR: [], Choice.AGAINST: []}
    for choice, reading, number in rows:
        readings[choice].append((Reading.unpacked(reading), number))
    return HowVotedOn(_how(readings[Choice.FOR]), _how(readings[Choice.AGAINST]))


def _how(readings: list[tuple[Reading, int]]) -> HowOf | None:
    def total(value: Callable[[Reading], int]) -> int:
        return sum(value(reading) * number for reading, number in readings)

    n = total(lambda _: 1)
    if n < FEWEST:
        return None
    return HowOf(
        n=n,
        briefed=total(lambda one: one.briefed),
        count_seen=total(lambda one: one.count_seen),
        measured=total(lambda one: one.measured),
        both_seen=total(lambda one: one.both_seen),
        source_opened=total(lambda one: one.source_opened),
        time=_median(readings),
        checked=total(lambda one: one.checked),
        right=total(lambda one: one.right),
    )


def _median(readings: Iterable[tuple[Reading, int]]) -> int | None:
    """Return the bucket of the middle one of those whose time is known."""
    times = Counter[int]()
    for reading, number in readings:
        if reading.time:
            times[reading.time] += number
    if times.total() < FEWEST:
        return None
    passed = accumulate(times[time] for time in sorted(times))
    pairs = zip(sorted(times), passed, strict=True)
    return next(time for time, so_far in pairs if 2 * so_far >= times.total())
