"""What a voter had read before a vote, in twelve bits: counted, and never kept with the vote."""

from dataclasses import astuple, dataclass
from typing import Self

# Seconds on the briefing, with the page visible, below which a bucket ends; the last has no end.
TIMES = (15, 30, 60, 90, 180)
MOST_QUESTIONS = 3
# Bits of the fields, the lowest first.
_WIDTHS = (1, 1, 1, 1, 1, 3, 2, 2)


@dataclass(frozen=True, slots=True)
class Reading:
    """How one vote was read up on.

    `measured`: a script told what was in view; without it `both_seen`, `source_opened` and `time`
    are not known. `time` is the number of a bucket from 1, or 0 where it is not known. `checked`
    questions of the self-check were answered, `right` of them rightly.
    """

    briefed: bool = False
    count_seen: bool = False
    measured: bool = False
    both_seen: bool = False
    source_opened: bool = False
    time: int = 0
    checked: int = 0
    right: int = 0

    def packed(self) -> int:
        number = shift = 0
        for value, width in zip(astuple(self), _WIDTHS, strict=True):
            number |= int(value) << shift
            shift += width
        return number

    @classmethod
    def unpacked(cls, number: int) -> Self:
        values = []
        for width in _WIDTHS:
            values.append(number & ((1 << width) - 1))
            number >>= width
        return cls(*map(bool, values[:5]), *values[5:])


def bucket(seconds: int) -> int:
    """Return the number of the bucket, from 1."""
    return 1 + sum(seconds >= limit for limit in TIMES)
