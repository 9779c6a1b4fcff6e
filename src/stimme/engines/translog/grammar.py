"""The lines of `stimme log v1`, section 4. `parse_line` accepts the canonical form only."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import ClassVar, Self

from .errors import GrammarError

CHOICES = ("for", "against", "withdrawn")
ANNUL_REASONS = ("bot", "duplicate", "law", "test", "erased")
TEXT_KINDS = ("statement", "response", "decision", "commitment", "outcome", "correction")
ABSENT = "-"

# The last character of base64url holds left-over bits, which must be zero: one spelling a value.
_BYTES_16 = r"[A-Za-z0-9_-]{21}[AQgw]"
_BYTES_32 = r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
_BYTES_64 = r"[A-Za-z0-9_-]{85}[AQgw]"
_BLOB = r"[A-Za-z0-9_-]{1,2048}"
_NUMBER = r"(?:0|[1-9][0-9]{0,17})"
_HOUR = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}Z"
_ISSUER = r"[a-z0-9.-]{1,64}"

_FIELD_PATTERNS = {
    "cid": _BYTES_16,
    "pseudonym": _BYTES_16,
    "document": _BYTES_32,
    "commitment": _BYTES_32,
    "digest": _BYTES_32,
    "vk": rf"(?:{_BYTES_32}|-)",
    "sig": rf"(?:{_BYTES_64}|-)",
    "choice": "|".join(CHOICES),
    "reason": "|".join(ANNUL_REASONS),
    "kind": "|".join(TEXT_KINDS),
    "level": rf"[0-9]|[23]:{_ISSUER}",
    "issuer": _ISSUER,
    "message": _BLOB,
    "signature": _BLOB,
    "hour": _HOUR,
    "seq": _NUMBER,
    "number": _NUMBER,
    "accounts": _NUMBER,
    "covered": _NUMBER,
    "votes_for": _NUMBER,
    "votes_against": _NUMBER,
    "annulled": _NUMBER,
}


@lru_cache(maxsize=4096)
def parse_hour(text: str) -> datetime:
    """The start of an hour `YYYY-MM-DDTHHZ`. Raises GrammarError."""
    try:
        if re.fullmatch(_HOUR, text):
            return datetime.strptime(text, "%Y-%m-%dT%HZ").replace(tzinfo=UTC)
    except ValueError:
        pass
    raise GrammarError(f"{text[:40]!r} is not an hour like 2027-03-01T13Z.")


def hour_of(moment: datetime) -> str:
    """The hour, in UTC, in which `moment` lies. Raises ValueError if it has no time zone."""
    if moment.tzinfo is None:
        raise ValueError("An hour needs a moment with a time zone.")
    utc = moment.astimezone(UTC)
    return f"{utc.year:04}-{utc.month:02}-{utc.day:02}T{utc.hour:02}Z"


@dataclass(frozen=True)
class Line:
    """One line. Its fields stand in the order of the grammar; `str()` is the canonical form.

    A line checks itself when it is made: GrammarError for a value outside the grammar.
    """

    WORD: ClassVar[str]

    def __post_init__(self) -> None:
        if self.parse(str(self)) != self:
            raise _outside(str(self))

    def __str__(self) -> str:
        values = (getattr(self, field.name) for field in fields(self))
        shown = (ABSENT if value is None else str(value) for value in values)
        return " ".join(("s1", self.WORD, *shown))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a line of this kind. Raises GrammarError."""
        match = pattern_of(cls).fullmatch(text)
        if match is None:
            raise _outside(text)
        line = cls.__new__(cls)
        for field in fields(cls):
            value = match[field.name]
            typed = int(value) if field.type == "int" else None if value == ABSENT else value
            object.__setattr__(line, field.name, typed)
        line.check()
        return line

    def check(self) -> None:
        """What the pattern of the line does not say. Raises GrammarError."""
        hour = getattr(self, "hour", None)
        if hour is not None:
            parse_hour(hour)


def _outside(text: str) -> GrammarError:
    return GrammarError(f"This line is outside the grammar: {text[:300]!r}.")


@cache
def _compile(word: str, names: tuple[str, ...]) -> re.Pattern[str]:
    groups = (f" (?P<{name}>{_FIELD_PATTERNS[name]})" for name in names)
    return re.compile(f"s1 {word}{''.join(groups)}", re.ASCII)


def pattern_of(kind: type[Line]) -> re.Pattern[str]:
    """The compiled grammar of one kind of line, a named group for each field."""
    return _compile(kind.WORD, tuple(field.name for field in fields(kind)))


@dataclass(frozen=True)
class CauseLine(Line):
    """A cause opens; `document` is the hash of its document."""

    WORD = "cause"
    cid: str
    document: str
    hour: str


@dataclass(frozen=True)
class VoteLine(Line):
    """A seat votes, changes or withdraws; without `vk` and `sig` it is a custodial vote."""

    WORD = "vote"
    cid: str
    pseudonym: str
    seq: int
    choice: str
    level: str
    hour: str
    vk: str | None = None
    sig: str | None = None

    def check(self) -> None:
        super().check()
        if (self.vk is None) != (self.sig is None):
            raise GrammarError("A vote line has a voter's key and a signature, or neither.")


def unsigned_vote(
    cid: str, pseudonym: str, seq: int, choice: str, level: str, hour: str, vk: str
) -> str:
    """A vote line up to and including vk: what the voter's key signs, with the origin."""
    return f"s1 vote {cid} {pseudonym} {seq} {choice} {level} {hour} {vk}"


@dataclass(frozen=True)
class AnnulLine(Line):
    """A seat no longer counts, for a public reason."""

    WORD = "annul"
    cid: str
    pseudonym: str
    reason: str
    hour: str


@dataclass(frozen=True)
class ReinstateLine(Line):
    """An annulled seat counts again."""

    WORD = "reinstate"
    cid: str
    pseudonym: str
    hour: str


@dataclass(frozen=True)
class RollLine(Line):
    """How many accounts of a level there are."""

    WORD = "roll"
    level: str
    accounts: int
    hour: str


@dataclass(frozen=True)
class TextLine(Line):
    """A text about a cause is published; `commitment` binds it, with its salt."""

    WORD = "text"
    kind: str
    cid: str
    commitment: str
    hour: str


@dataclass(frozen=True)
class TallyLine(Line):
    """The operator's count over the first `covered` entries, for everyone to check."""

    WORD = "tally"
    cid: str
    covered: int
    votes_for: int
    votes_against: int
    annulled: int
    digest: str


@dataclass(frozen=True)
class CloseLine(Line):
    """A cause closes: later votes do not count."""

    WORD = "close"
    cid: str
    hour: str


@dataclass(frozen=True)
class TokenLine(Line):
    """Reserved: blind-signed evidence of a verified level."""

    WORD = "token"
    cid: str
    pseudonym: str
    issuer: str
    message: str
    signature: str


@dataclass(frozen=True)
class RekeyLine(Line):
    """A seat's `number`-th new voter key, after a lost device; without `vk`, custodial."""

    WORD = "rekey"
    cid: str
    pseudonym: str
    number: int
    vk: str | None
    hour: str


_KINDS: dict[str, type[Line]] = {
    kind.WORD: kind
    for kind in (
        CauseLine,
        VoteLine,
        AnnulLine,
        ReinstateLine,
        RollLine,
        TextLine,
        TallyLine,
        CloseLine,
        TokenLine,
        RekeyLine,
    )
}


def parse_line(text: str) -> Line:
    """Read any line in canonical form, without LF. Raises GrammarError."""
    words = text.split(" ", 2)
    kind = _KINDS.get(words[1]) if len(words) > 1 else None
    if kind is None:
        raise _outside(text)
    return kind.parse(text)
