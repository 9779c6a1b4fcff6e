"""Recount a log from its lines by rules R1 to R5 (section 5).

A line that is outside the grammar or breaks a rule is an alarm, and does not count.
Where the rules leave room:

- A signature is checked on every line that carries a key, the first of a seat included. After
  a `rekey` the new key alone holds.
- A vote line outside the time between its `cause` and its `close` is no alarm; while it is the
  last of its seat, the seat does not count (R3). Such lines are numbered by cause.
- R5 is judged at the end of the log, and cannot be where no `roll` of a level was published.
- A second `cause`, a `close` of what is not open, and an `annul`, `reinstate` or `rekey` of a
  seat that never voted are alarms of R4. A `tally` that differs from the recount is one, too,
  under the rule "tally".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .derive import unb64
from .errors import GrammarError
from .grammar import (
    ABSENT,
    CHOICES,
    AnnulLine,
    CauseLine,
    CloseLine,
    Line,
    ReinstateLine,
    RekeyLine,
    RollLine,
    TallyLine,
    VoteLine,
    parse_hour,
    parse_line,
    pattern_of,
)
from .seats import (
    ANNULLED,
    BOUND,
    CHOICE,
    CUSTODIAL,
    INSIDE,
    LEVEL,
    LEVEL_SHIFT,
    SEQ_SHIFT,
    WITHDRAWN,
    CauseSummary,
    Seats,
    is_live,
)

_VOTE = re.compile(pattern_of(VoteLine).pattern.encode("ascii"))
_CODES = {choice.encode(): code for code, choice in enumerate(CHOICES)}
_NO_KEY = ABSENT.encode()
_SIG_SIZE = 86
_VK_SIZE = 43
_SLICE = 64


@dataclass(frozen=True)
class Alarm:
    """One fault in one plain sentence; `index` is None where no single entry is at fault."""

    index: int | None
    rule: str
    cid: str | None
    sentence: str


class Replay:
    """Feed every entry once, in order; then call `finish`.

    `alarms` holds what is wrong, `notes` what could not be judged. Memory: about 300 bytes
    for each custodial vote, 450 for each with a key.
    """

    def __init__(self, origin: str) -> None:
        self.alarms: list[Alarm] = []
        self.notes: list[str] = []
        self._signed_prefix = f"stimme/vote/v1\n{origin}\n".encode()
        self._causes: dict[bytes, Seats] = {}
        self._levels: dict[bytes, int] = {}
        self._rolls: dict[str, int] = {}
        self._hours: set[bytes] = set()
        self._verdicts: dict[bytes, bool] = {}

    def feed(self, index: int, entry: bytes) -> None:
        """Take the entry at `index`."""
        match = _VOTE.fullmatch(entry)
        if match is None:
            self._feed_rare(index, entry)
            return
        cid, seat, seq, choice, level, hour, vk, sig = match.groups()
        if (vk == _NO_KEY) != (sig == _NO_KEY) or not self._is_hour(hour):
            self._feed_rare(index, entry)
            return
        seats = self._causes.get(cid) or self._seats(cid)
        self._vote(index, entry, seats, seat, int(seq), _CODES[choice], level, vk)

    def feed_many(self, first: int, entries: Sequence[bytes], pool: Executor | None = None) -> None:
        """Take the entries from `first` on; a pool of threads checks signatures in parallel."""
        if pool:
            keyed = [one for one in entries if one[:8] == b"s1 vote " and one[-2:] != b" -"]
            parts = [keyed[at : at + _SLICE] for at in range(0, len(keyed), _SLICE)]
            for part, verdicts in zip(parts, pool.map(self._hold, parts), strict=True):
                self._verdicts.update(zip(part, verdicts, strict=True))
        for index, entry in enumerate(entries, first):
            self.feed(index, entry)
        self._verdicts.clear()

    def finish(self) -> None:
        """Judge R5, at the end of the log."""
        seats: Counter[tuple[str, str]] = Counter()
        for (cid, _, level), count in self.tallies().items():
            seats[cid, level] += count
        for (cid, level), count in seats.items():
            roll = self._rolls.get(level)
            if roll is not None and count > roll:
                self._alarm(
                    None,
                    "R5",
                    cid,
                    f"The cause {cid} counts {count} seats of level {level}, "
                    f"but the last roll has only {roll} accounts of that level.",
                )
        self.notes += [
            f"No roll of level {level} is published, so its seats have no bound."
            for level in sorted({level for _, level in seats} - self._rolls.keys())
        ]

    def tallies(self) -> dict[tuple[str, str, str], int]:
        """Seats that count, by (cid, choice, level)."""
        found: Counter[tuple[str, str, str]] = Counter()
        levels = [level.decode() for level in self._levels]
        for cid, seats in self._causes.items():
            for state, count in seats.states_at().items():
                if is_live(state):
                    level = levels[(state & LEVEL) >> LEVEL_SHIFT]
                    found[cid.decode(), CHOICES[state & CHOICE], level] += count
        return dict(sorted(found.items()))

    def summaries(self) -> dict[str, CauseSummary]:
        """Each cause that a line has named, by cid."""
        return {name: self._causes[name.encode()].summary(name) for name in self._names()}

    def _names(self) -> list[str]:
        return sorted(cid.decode() for cid in self._causes)

    def _alarm(self, index: int | None, rule: str, cid: str | None, sentence: str) -> None:
        self.alarms.append(Alarm(index, rule, cid, sentence))

    def _seats(self, cid: bytes) -> Seats:
        return self._causes.setdefault(cid, Seats())

    def _is_hour(self, hour: bytes) -> bool:
        if hour not in self._hours:
            try:
                parse_hour(hour.decode("ascii"))
            except GrammarError:
                return False
            self._hours.add(hour)
        return True

    def _vote(
        self,
        index: int,
        entry: bytes,
        seats: Seats,
        seat: bytes,
        seq: int,
        choice: int,
        level: bytes,
        vk: bytes,
    ) -> None:
        last = seats.latest.get(seat)
        before = 0 if last is None else seats.states[last]
        due = 0 if last is None else (before >> SEQ_SHIFT) + 1
        if seq != due or (not seq and choice == WITHDRAWN):
            self._alarm_seq(index, entry, due)
            return
        state = before & (ANNULLED | BOUND)
        if state & BOUND and last is not None and vk != seats.key_of(seat, last):
            self._alarm_key(index, entry, "does not carry the key its seat is bound to")
            return
        if vk == _NO_KEY:
            state |= CUSTODIAL
        elif not self._holds(entry):
            self._alarm_key(index, entry, "bears a wrong signature of the voter's key")
            return
        elif not seq:
            state |= BOUND
        if seats.opened and not seats.closed:
            state |= INSIDE
        else:
            seats.outside += 1
        code = self._levels.setdefault(level, len(self._levels))
        seats.put(index, seat, state | choice | code << LEVEL_SHIFT | seq << SEQ_SHIFT, entry)

    def _alarm_seq(self, index: int, entry: bytes, due: int) -> None:
        _, _, cid, seat, seq, *_ = entry.decode("ascii").split(" ")
        fault = "begins with a withdrawal"
        if int(seq) != due:
            fault = f"has vote number {seq} where number {due} is due"
        self._alarm(index, "R1", cid, f"Entry {index}: the seat {seat} {fault}.")

    def _alarm_key(self, index: int, entry: bytes, fault: str) -> None:
        _, _, cid, seat, *_ = entry.decode("ascii").split(" ")
        self._alarm(index, "R2", cid, f"Entry {index}: the vote of the seat {seat} {fault}.")

    def _hold(self, entries: Sequence[bytes]) -> list[bool]:
        return [self._holds(entry) for entry in entries]

    def _holds(self, entry: bytes) -> bool:
        """Whether the signature that ends a vote line is that of the key before it."""
        verdict = self._verdicts.get(entry)
        if verdict is not None:
            return verdict
        unsigned = entry[: -_SIG_SIZE - 1]
        try:
            key = Ed25519PublicKey.from_public_bytes(unb64(unsigned[-_VK_SIZE:].decode("ascii")))
            key.verify(unb64(entry[-_SIG_SIZE:].decode("ascii")), self._signed_prefix + unsigned)
        except (ValueError, InvalidSignature):
            return False
        return True

    def _feed_rare(self, index: int, entry: bytes) -> None:
        try:
            line = parse_line(entry.decode("ascii"))
        except (UnicodeDecodeError, GrammarError):
            shown = entry[:120].decode("ascii", "backslashreplace")
            sentence = f"Entry {index} is outside the grammar: {shown!r}."
            self._alarm(index, "R4", None, sentence)
            return
        self._apply(index, line)

    def _apply(self, index: int, line: Line) -> None:
        match line:
            case CauseLine():
                self._open(index, line)
            case CloseLine():
                self._close(index, line)
            case AnnulLine() | ReinstateLine() | RekeyLine():
                self._change(index, line)
            case RollLine():
                self._rolls[line.level] = line.accounts
            case TallyLine():
                self._compare(index, line)

    def _open(self, index: int, line: CauseLine) -> None:
        seats = self._seats(line.cid.encode())
        if seats.opened:
            self._alarm(index, "R4", line.cid, f"Entry {index} opens a cause a second time.")
        seats.opened = True

    def _close(self, index: int, line: CloseLine) -> None:
        seats = self._seats(line.cid.encode())
        if seats.closed or not seats.opened:
            self._alarm(index, "R4", line.cid, f"Entry {index} closes a cause that is not open.")
        seats.closed = True

    def _change(self, index: int, line: AnnulLine | ReinstateLine | RekeyLine) -> None:
        seats, seat = self._seats(line.cid.encode()), line.pseudonym.encode()
        last = seats.latest.get(seat)
        if last is None:
            sentence = f"Entry {index}: {line.WORD} of the seat {line.pseudonym} that never voted."
            self._alarm(index, "R4", line.cid, sentence)
        elif isinstance(line, RekeyLine):
            seats.rekeyed[seat] = (line.vk or ABSENT).encode()
        else:
            state = seats.states[last] & ~ANNULLED
            state |= ANNULLED if isinstance(line, AnnulLine) else 0
            seats.put(index, seat, state, seats.lines[last])

    def _compare(self, index: int, line: TallyLine) -> None:
        found = self._seats(line.cid.encode()).counts_at(line.covered)
        said = (line.votes_for, line.votes_against, line.annulled, line.digest)
        if line.covered > index:
            sentence = f"Entry {index} is a tally of entries that come after it."
        elif found[:3] != said[:3]:
            sentence = (
                f"Entry {index} is a tally of {said[0]} for, {said[1]} against and {said[2]} "
                f"annulled, but the first {line.covered} entries give {found[0]}, {found[1]} "
                f"and {found[2]}."
            )
        elif found != said:
            sentence = f"Entry {index} is a tally with the right sums over other seats."
        else:
            return
        self._alarm(index, "tally", line.cid, sentence)
