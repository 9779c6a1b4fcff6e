"""Lines of the public log for people: in words, in the order of their hours, recounted."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.core.cache import caches
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from stimme.apps.accounts.levels import Level
from stimme.apps.ballot.entries import entries_of_box
from stimme.apps.ballot.models import Entry
from stimme.apps.ballot.reasons import Reason
from stimme.engines.translog import (
    AnnulLine,
    CauseSummary,
    RekeyLine,
    Replay,
    RollLine,
    TextLine,
    VoteLine,
    parse_hour,
    parse_line,
    short_code,
)

MOST_RECOUNTED = 50_000  # lines of one cause in one page view; the audit has no such limit
_KEPT = 3600  # seconds


def level_label(level: str) -> str:
    """The level of a line in words; an issuer is named when a token line proves the level."""
    digit, _colon, issuer = level.partition(":")
    label = str(Level(int(digit)).label) if int(digit) in Level.values else digit
    return f"{label} ({issuer})" if issuer else label


@dataclass(frozen=True)
class EntryInWords:
    """One sealed line: what it says, and its text as it stands in the log."""

    index: int
    code: str
    text: str

    @cached_property
    def parsed(self) -> object:
        return parse_line(self.text)

    @property
    def choice(self) -> str | None:
        return self.parsed.choice if isinstance(self.parsed, VoteLine) else None

    @property
    def level(self) -> str | None:
        if isinstance(self.parsed, VoteLine | RollLine):
            return level_label(self.parsed.level)
        return None

    @property
    def change(self) -> int | None:
        """How many times the vote was changed with this line; None for other lines."""
        return self.parsed.seq if isinstance(self.parsed, VoteLine) else None

    @property
    def hour(self) -> str:
        return getattr(self.parsed, "hour", "")

    @property
    def what(self) -> str:
        return in_words(self.parsed)


def in_words(line: object) -> str:
    """What a line does, without its seat, level and hour."""
    if isinstance(line, VoteLine):
        return {
            "for": _("A vote for"),
            "against": _("A vote against"),
            "withdrawn": _("A vote withdrawn"),
        }[line.choice]
    if isinstance(line, TextLine):
        return _("A text is published: %(kind)s") % {"kind": _text_kind(line.kind)}
    if isinstance(line, AnnulLine):
        return _("A vote is annulled: %(reason)s") % {"reason": Reason(line.reason).label}
    if isinstance(line, RollLine):
        return _("Number of accounts: %(number)d") % {"number": line.accounts}
    return _others()[type(line).__name__]


def _others() -> dict[str, str]:
    return {
        "CauseLine": _("The cause opens"),
        "CloseLine": _("The cause is closed"),
        "ReinstateLine": _("An annulled vote counts again"),
        "TallyLine": _("A count by the operator"),
        "RekeyLine": _("A voter gets a new key"),
        "TokenLine": _("Evidence of a level"),
    }


def _text_kind(kind: str) -> str:
    return {
        "statement": pgettext("a text", "statement"),
        "response": pgettext("a text", "official response"),
        "decision": pgettext("a text", "decision"),
        "commitment": pgettext("a text", "commitment"),
        "outcome": pgettext("a text", "outcome"),
        "correction": pgettext("a text", "correction"),
    }[kind]


@dataclass(frozen=True, slots=True)
class Recount:
    """What the sealed lines of one cause give by the rules R1 to R4, without anything else."""

    summary: CauseSummary
    # (level, for, against)
    levels: tuple[tuple[str, int, int], ...]
    alarms: tuple[str, ...]

    @property
    def total(self) -> int:
        return self.summary.votes_for + self.summary.votes_against


@dataclass(frozen=True, slots=True)
class CauseLog:
    """The indices of a cause's lines by hour, and their recount; None where they are too many.

    `rekeys` says how often votes of the cause were given another key, or released from one.
    """

    indices: Sequence[int]
    recount: Recount | None
    rekeys: int


def cause_log(*, cid: str, size: int) -> CauseLog:
    """Read the lines of a cause among the first `size` of the log; kept until the log grows."""
    cache = caches["log"]
    kept = cache.get(cid)
    if kept is None or kept[0] != size:
        kept = (size, _read(cid, size))
        cache.set(cid, kept, _KEPT)
    found: CauseLog = kept[1]
    return found


def _read(cid: str, size: int) -> CauseLog:
    lines = entries_of_box(cid).filter(log_index__lt=size)
    if lines.count() > MOST_RECOUNTED:
        rekeys = lines.filter(kind=RekeyLine.WORD).count()
        return CauseLog(array("Q", lines.values_list("log_index", flat=True)), None, rekeys)
    rows = list(lines.values_list("log_index", "text"))
    rekeys = sum(text.startswith(f"s1 {RekeyLine.WORD} ") for _, text in rows)
    return CauseLog(_by_hour(rows), _recount(cid, rows) if rows else None, rekeys)


def _by_hour(rows: Iterable[tuple[int, str]]) -> "array[int]":
    """A batch is shuffled, so its lines do not follow their hours; lines without one stay last."""
    placed = sorted((getattr(parse_line(text), "hour", "~"), index) for index, text in rows)
    return array("Q", [index for _hour, index in placed])


def _recount(cid: str, rows: Iterable[tuple[int, str]]) -> Recount:
    replay = Replay(settings.STIMME.origin)
    for index, text in rows:
        replay.feed(index, text.encode())
    counts = replay.tallies()
    levels = sorted({level for _cid, _choice, level in counts})
    by_level = tuple(
        (level, counts.get((cid, "for", level), 0), counts.get((cid, "against", level), 0))
        for level in levels
    )
    alarms = tuple(alarm.sentence for alarm in replay.alarms)
    return Recount(replay.summaries()[cid], by_level, alarms)


def entries_at(indices: Sequence[int]) -> list[EntryInWords]:
    """The lines at these indices, in the order given; one query."""
    found = Entry.objects.in_bulk(list(indices))
    return [entry_in_words(found[index]) for index in indices]


def entry_in_words(entry: Entry) -> EntryInWords:
    return EntryInWords(entry.log_index, short_code(entry.text), entry.text)


@dataclass(frozen=True, slots=True)
class Hour:
    start: object
    entries: list[EntryInWords]


def by_hour(entries: Iterable[EntryInWords]) -> list[Hour]:
    """Neighbours of one hour together; a line without an hour belongs to none."""
    hours: list[tuple[str, list[EntryInWords]]] = []
    for entry in entries:
        if not hours or hours[-1][0] != entry.hour:
            hours.append((entry.hour, []))
        hours[-1][1].append(entry)
    return [Hour(parse_hour(hour) if hour else None, found) for hour, found in hours]
