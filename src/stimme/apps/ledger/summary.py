"""The paragraph on top of the ledger: counts only, worked out from its entries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from stimme.apps.ballot.choices import Choice
from stimme.apps.ledger.selectors import Entry
from stimme.apps.organisations.models import Result

FEW = 100  # voters: with fewer, one vote is a visible part of the count


class Fate(Enum):
    """How a decision went, seen from one vote."""

    AS_ASKED = "as asked"
    PARTLY = "partly"
    OTHERWISE = "otherwise"
    # It was so before anybody asked: nobody's vote went this or the other way.
    ALREADY_SO = "already so"


_FATES = {
    (Choice.FOR, Result.GRANTED): Fate.AS_ASKED,
    (Choice.FOR, Result.PARTLY): Fate.PARTLY,
    (Choice.FOR, Result.DECLINED): Fate.OTHERWISE,
    (Choice.AGAINST, Result.GRANTED): Fate.OTHERWISE,
    (Choice.AGAINST, Result.PARTLY): Fate.PARTLY,
    (Choice.AGAINST, Result.DECLINED): Fate.AS_ASKED,
    (Choice.FOR, Result.ALREADY_SO): Fate.ALREADY_SO,
    (Choice.AGAINST, Result.ALREADY_SO): Fate.ALREADY_SO,
}


@dataclass(frozen=True, slots=True)
class Summary:
    """Causes in which a vote of mine counts, the newest version of each; and votes that do not."""

    causes: int
    decided: int
    as_asked: int
    partly: int
    otherwise: int
    # Where fewer than FEW people's votes count.
    few: int
    # What organisations committed themselves to where a decision went at least partly as asked.
    kept: int
    overdue: int
    broken: int
    unanswered: int
    withdrawn: int
    annulled: int


def fate_of(entry: Entry) -> Fate | None:
    """Return how it went, or None where nothing was decided or no vote stands."""
    if entry.decision is None or not entry.counts:
        return None
    return _FATES.get((entry.receipt.choice, Result(entry.decision.result)))


def _won(entry: Entry) -> bool:
    """Whether the decision went the way this vote asked, were it only in part."""
    fate = fate_of(entry)
    partly = fate == Fate.PARTLY and entry.receipt.choice == Choice.FOR
    return fate == Fate.AS_ASKED or partly


def summary_of(entries: Sequence[Entry]) -> Summary:
    newest = _newest_of_each_cause(entry for entry in entries if entry.counts)
    fates = [fate_of(entry) for entry in newest]
    stands = [one.stands for entry in newest if _won(entry) for one in entry.commitments]
    withdrawn = [entry for entry in entries if entry.receipt.choice == Choice.WITHDRAWN]
    return Summary(
        causes=len(newest),
        decided=len(fates) - fates.count(None),
        as_asked=fates.count(Fate.AS_ASKED),
        partly=fates.count(Fate.PARTLY),
        otherwise=fates.count(Fate.OTHERWISE),
        few=sum(entry.voters < FEW for entry in newest),
        kept=stands.count("kept"),
        overdue=stands.count("due"),
        broken=stands.count("broken"),
        unanswered=sum(entry.asks is not None for entry in entries),
        withdrawn=len(withdrawn),
        annulled=sum(bool(entry.receipt.seat.annulled) for entry in entries),
    )


def _newest_of_each_cause(entries: Iterable[Entry]) -> list[Entry]:
    newest: dict[int, Entry] = {}
    for entry in sorted(entries, key=lambda entry: entry.version.number):
        newest[entry.version.cause_id] = entry
    return list(newest.values())
