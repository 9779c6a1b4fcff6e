"""The seats of one cause while a log is replayed, in columns: small and fast for millions."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from .derive import live_seats_digest
from .grammar import CHOICES

# A seat's state in 64 bits: choice (2), flags (4), level (26), seq (32).
CHOICE = 0b11
ANNULLED = 1 << 2
INSIDE = 1 << 3
CUSTODIAL = 1 << 4
BOUND = 1 << 5
LEVEL_SHIFT = 6
LEVEL = ((1 << 26) - 1) << LEVEL_SHIFT
SEQ_SHIFT = 32

FOR, AGAINST, WITHDRAWN = range(len(CHOICES))


@dataclass(frozen=True)
class CauseSummary:
    """What the log says of one cause: seats, but for `outside`, which counts vote lines.

    `custodial` are those of the seats that count whose last line has no voter's key.
    """

    cid: str
    votes_for: int
    votes_against: int
    withdrawn: int
    annulled: int
    custodial: int
    outside: int
    opened: bool
    closed: bool


@dataclass
class Seats:
    """Every state that each seat of a cause has had; `latest` finds a seat's last record."""

    opened: bool = False
    closed: bool = False
    outside: int = 0
    latest: dict[bytes, int] = field(default_factory=dict)
    rekeyed: dict[bytes, bytes] = field(default_factory=dict)
    indices: array[int] = field(default_factory=lambda: array("Q"))
    before: array[int] = field(default_factory=lambda: array("q"))
    states: array[int] = field(default_factory=lambda: array("Q"))
    lines: list[bytes] = field(default_factory=list)

    def put(self, index: int, seat: bytes, state: int, line: bytes) -> None:
        """Record the state that entry `index` gives a seat, with its last vote line."""
        self.indices.append(index)
        self.before.append(self.latest.get(seat, -1))
        self.states.append(state)
        self.latest[seat] = len(self.lines)
        self.lines.append(line)

    def key_of(self, seat: bytes, record: int) -> bytes:
        """The vk that the seat must use now: of its last rekey, else of its last vote."""
        return self.rekeyed.get(seat) or self.lines[record].split(b" ")[8]

    def records(self, covered: int | None = None) -> Iterator[int]:
        """Each seat's record as the first `covered` entries leave it (None: all entries)."""
        cut = len(self.lines) if covered is None else bisect_left(self.indices, covered)
        for latest in self.latest.values():
            record = latest
            while record >= cut:
                record = self.before[record]
            if record >= 0:
                yield record

    def states_at(self, covered: int | None = None) -> Counter[int]:
        """How many seats are in each state, seq left out."""
        mask = (1 << SEQ_SHIFT) - 1
        return Counter(self.states[record] & mask for record in self.records(covered))

    def counts_at(self, covered: int) -> tuple[int, int, int, str]:
        """For, against, annulled, and the digest of the live seats, as in a `tally` line."""
        states = self.states_at(covered)
        live = [self.lines[one] for one in self.records(covered) if is_live(self.states[one])]
        return (
            _total(states, FOR),
            _total(states, AGAINST),
            sum(count for state, count in states.items() if state & ANNULLED),
            live_seats_digest(live),
        )

    def summary(self, cid: str) -> CauseSummary:
        states = self.states_at()
        return CauseSummary(
            cid=cid,
            votes_for=_total(states, FOR),
            votes_against=_total(states, AGAINST),
            withdrawn=sum(
                count
                for state, count in states.items()
                if state & CHOICE == WITHDRAWN and not state & ANNULLED
            ),
            annulled=sum(count for state, count in states.items() if state & ANNULLED),
            custodial=sum(
                count for state, count in states.items() if state & CUSTODIAL and is_live(state)
            ),
            outside=self.outside,
            opened=self.opened,
            closed=self.closed,
        )


def is_live(state: int) -> bool:
    """Whether a seat counts (R3)."""
    return state & (ANNULLED | INSIDE) == INSIDE and state & CHOICE != WITHDRAWN


def _total(states: Counter[int], choice: int) -> int:
    return sum(
        count for state, count in states.items() if state & CHOICE == choice and is_live(state)
    )
