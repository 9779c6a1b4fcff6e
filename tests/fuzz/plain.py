"""The lines of the log read a second time: slowly, without regular expressions, by other code.

Sections 4 and 5 of the format, as a person would check them with pencil and paper.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
Field = Callable[[str], bool]


def value(text: str) -> int:
    return sum(LETTERS.index(one) << 6 * at for at, one in enumerate(reversed(text)))


def are_bytes(size: int) -> Field:
    """Whether a text is the one spelling of `size` bytes: its left-over bits are zero."""
    letters = -(-size * 8 // 6)
    spare = letters * 6 - size * 8

    def check(text: str) -> bool:
        spelled = len(text) == letters and all(one in LETTERS for one in text)
        return spelled and value(text) % (1 << spare) == 0

    return check


def to_bytes(text: str, size: int) -> bytes:
    return (value(text) >> (len(text) * 6 - size * 8)).to_bytes(size, "big")


def is_number(text: str) -> bool:
    digits = 1 <= len(text) <= 18 and all(one in "0123456789" for one in text)
    return digits and str(int(text)) == text


def is_hour(text: str) -> bool:
    parts = text[:4], text[5:7], text[8:10], text[11:13]
    if text != "{}-{}-{}T{}Z".format(*parts) or len(text) != 14:
        return False
    if not all(one in "0123456789" for one in "".join(parts)):
        return False
    try:
        datetime(*map(int, parts), tzinfo=UTC)  # type: ignore[arg-type,misc]
    except ValueError:
        return False
    return True


def is_issuer(text: str) -> bool:
    return 1 <= len(text) <= 64 and all(
        one in "abcdefghijklmnopqrstuvwxyz0123456789.-" for one in text
    )


def is_level(text: str) -> bool:
    return text in list("0123456789") or (text[:2] in ("2:", "3:") and is_issuer(text[2:]))


def is_blob(text: str) -> bool:
    return 1 <= len(text) <= 2048 and all(one in LETTERS for one in text)


def one_of(*words: str) -> Field:
    return lambda text: text in words


def or_none(check: Field) -> Field:
    return lambda text: text == "-" or check(text)


ID, HASH = are_bytes(16), are_bytes(32)
CHOICE = one_of("for", "against", "withdrawn")
REASON = one_of("bot", "duplicate", "law", "test", "erased")
KIND = one_of("statement", "response", "decision", "commitment", "outcome", "correction")
KEY, SIGNATURE = or_none(HASH), or_none(are_bytes(64))
LINES: dict[str, tuple[Field, ...]] = {
    "cause": (ID, HASH, is_hour),
    "vote": (ID, ID, is_number, CHOICE, is_level, is_hour, KEY, SIGNATURE),
    "annul": (ID, ID, REASON, is_hour),
    "reinstate": (ID, ID, is_hour),
    "roll": (is_level, is_number, is_hour),
    "text": (KIND, ID, HASH, is_hour),
    "tally": (ID, is_number, is_number, is_number, is_number, HASH),
    "close": (ID, is_hour),
    "token": (ID, ID, is_issuer, is_blob, is_blob),
    "rekey": (ID, ID, is_number, KEY, is_hour),
}


def words_of(entry: bytes) -> list[str] | None:
    """The words of a line after `s1`, or None for what is outside the grammar."""
    if not entry.isascii():
        return None
    first, *words = entry.decode("ascii").split(" ")
    if first != "s1" or not words or words[0] not in LINES:
        return None
    checks = LINES[words[0]]
    if len(words) != 1 + len(checks):
        return None
    if not all(check(word) for check, word in zip(checks, words[1:], strict=True)):
        return None
    if words[0] == "vote" and (words[7] == "-") != (words[8] == "-"):
        return None
    return words


@dataclass
class Seat:
    votes: list[list[str]] = field(default_factory=list)
    key: str = "-"
    inside: bool = False
    annulled: bool = False


@dataclass
class Recount:
    """Rules R1 to R5 over whole entries; `alarms` are (index, rule)."""

    origin: str
    alarms: list[tuple[int | None, str]] = field(default_factory=list)
    seats: dict[tuple[str, str], Seat] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    rolls: dict[str, int] = field(default_factory=dict)

    def take(self, entries: Sequence[bytes]) -> "Recount":
        for index, entry in enumerate(entries):
            words = words_of(entry)
            fault = self.fault(words, entries[:index]) if words else "R4"
            if fault:
                self.alarms.append((index, fault))
        return self

    def fault(self, words: list[str], before: Sequence[bytes]) -> str:
        word, cid = words[0], words[1]
        if word == "vote":
            return self.vote(words)
        if word in ("annul", "reinstate", "rekey"):
            return self.change(words)
        if word == "cause":
            again = cid in self.opened
            self.opened.add(cid)
            return "R4" if again else ""
        if word == "close":
            wrong = cid in self.closed or cid not in self.opened
            self.closed.add(cid)
            return "R4" if wrong else ""
        if word == "roll":
            self.rolls[words[1]] = int(words[2])
        if word == "tally":
            return self.tally(words, before)
        return ""

    def vote(self, words: list[str]) -> str:
        _, cid, pseudonym, seq, choice, _, _, key, _ = words
        seat = self.seats.get((cid, pseudonym), Seat())
        if int(seq) != len(seat.votes) or (seq == "0" and choice == "withdrawn"):
            return "R1"
        bound = bool(seat.votes) and seat.votes[0][7] != "-"
        if (bound and key != seat.key) or (key != "-" and not self.holds(words)):
            return "R2"
        seat.inside = cid in self.opened and cid not in self.closed
        seat.key = key
        seat.votes.append(words)
        self.seats[cid, pseudonym] = seat
        return ""

    def holds(self, words: list[str]) -> bool:
        signed = f"stimme/vote/v1\n{self.origin}\ns1 {' '.join(words[:8])}"
        key = Ed25519PublicKey.from_public_bytes(to_bytes(words[7], 32))
        try:
            key.verify(to_bytes(words[8], 64), signed.encode())
        except InvalidSignature:
            return False
        return True

    def change(self, words: list[str]) -> str:
        seat = self.seats.get((words[1], words[2]))
        if seat is None:
            return "R4"
        if words[0] == "rekey":
            seat.key = words[4]
        else:
            seat.annulled = words[0] == "annul"
        return ""

    def tally(self, words: list[str], before: Sequence[bytes]) -> str:
        covered = int(words[2])
        if covered > len(before):
            return "tally"
        then = Recount(self.origin).take(before[:covered])
        live = then.live(words[1])
        choices = Counter(words[4] for words in live)
        annulled = sum(seat.annulled for (cid, _), seat in then.seats.items() if cid == words[1])
        found = [choices["for"], choices["against"], annulled]
        lines = sorted(f"s1 {' '.join(one)}".encode() for one in live)
        right = to_bytes(words[6], 32) == sha256(b"\n".join(lines)).digest()
        return "" if right and found == [int(one) for one in words[3:6]] else "tally"

    def live(self, cid: str) -> list[list[str]]:
        """The last vote of each seat of a cause that counts."""
        seats = [seat for (one, _), seat in self.seats.items() if one == cid]
        last = [seat.votes[-1] for seat in seats if seat.inside and not seat.annulled]
        return [words for words in last if words[4] != "withdrawn"]

    def tallies(self) -> dict[tuple[str, str, str], int]:
        cids = {cid for cid, _ in self.seats}
        return dict(
            Counter((words[1], words[4], words[5]) for cid in cids for words in self.live(cid))
        )

    def above_roll(self) -> int:
        """How many (cause, level) break R5."""
        seats: Counter[tuple[str, str]] = Counter()
        for (cid, _, level), count in self.tallies().items():
            seats[cid, level] += count
        return sum(count > self.rolls.get(level, count) for (_, level), count in seats.items())
