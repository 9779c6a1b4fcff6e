"""Annulling and reinstating seats: a line for each, and what that does to the count."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from django.db import connection, transaction
from django.utils import timezone

from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.models import Box, PendingLine
from stimme.apps.ballot.seats import seats_of
from stimme.apps.ballot.selectors import Count, count_of
from stimme.apps.ballot.tables import Held, TallyKey, tables_of
from stimme.engines.translog import ANNUL_REASONS, AnnulLine, ReinstateLine, hour_of

MOST_SEATS = 10_000  # in one removal: one transaction, during which the box takes no votes
_LINES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Effect:
    """What a removal, or its undoing, does to the count of one box.

    `seats` are the pseudonyms of the seats that change, sorted. `unknown` is how many never
    voted here, `unchanged` how many are annulled (or not annulled) already.
    """

    seats: tuple[str, ...]
    unknown: int
    unchanged: int
    raw_for: int
    raw_against: int
    before_for: int
    before_against: int
    after_for: int
    after_against: int


def preview(*, cid: str, pseudonyms: Collection[str], reason: str) -> Effect:
    """Say what annulling for this reason would do; with an empty reason, reinstating."""
    wanted = _wanted(pseudonyms)
    held = seats_of([(cid, p) for p in wanted]).values()
    return _effect(count_of(cid), wanted, held, _changing(held, reason))


def annul(*, cid: str, pseudonyms: Collection[str], reason: str) -> Effect:
    """Let seats count no longer; the log says which and why. Closed boxes are no exception.

    Their voters may go on changing these votes: none counts until it is reinstated. Raises
    ValueError for a reason that the log has no word for, or for more than MOST_SEATS;
    Box.DoesNotExist.
    """
    if reason not in ANNUL_REASONS:
        raise ValueError(f"The log has no reason {reason!r} to annul a vote.")
    return _remove(cid, pseudonyms, reason)


def reinstate(*, cid: str, pseudonyms: Collection[str]) -> Effect:
    """Let annulled seats count again, with the choice that they hold now. Raises as `annul`."""
    return _remove(cid, pseudonyms, "")


@transaction.atomic
def _remove(cid: str, pseudonyms: Collection[str], reason: str) -> Effect:
    wanted = _wanted(pseudonyms)
    Box.objects.select_for_update().get(cid=cid)
    tables = tables_of(connection.vendor)
    with connection.cursor() as cursor:
        held = tables.locked_seats(cursor, [(cid, p) for p in wanted]).values()
        changing = _changing(held, reason)
        effect = _effect(count_of(cid), wanted, held, changing)
        changed = [replace(seat, annulled=reason) for seat in changing]
        tables.change_seats(cursor, {(seat.cid, seat.p): seat for seat in changed})
        tables.count(cursor, _deltas(changing, changed), 0)
    _write(changed)
    return effect


def _wanted(pseudonyms: Collection[str]) -> set[str]:
    wanted = set(pseudonyms)
    if len(wanted) > MOST_SEATS:
        raise ValueError(f"At most {MOST_SEATS} seats can change at once.")
    return wanted


def _changing(held: Iterable[Held], reason: str) -> list[Held]:
    """Seats for which it would be something new, by pseudonym."""
    changing = [seat for seat in held if bool(seat.annulled) != bool(reason)]
    return sorted(changing, key=lambda seat: seat.p)


def _deltas(before: Iterable[Held], after: Iterable[Held]) -> Counter[TallyKey]:
    deltas = Counter(seat.tally for seat in after)
    deltas.subtract(seat.tally for seat in before)
    return deltas


def _effect(
    count: Count, wanted: Collection[str], held: Collection[Held], changing: Sequence[Held]
) -> Effect:
    by_choice = Counter(seat.choice for seat in changing)
    sign = 1 if changing and changing[0].annulled else -1
    return Effect(
        seats=tuple(seat.p for seat in changing),
        unknown=len(wanted) - len(held),
        unchanged=len(held) - len(changing),
        raw_for=count.raw_for,
        raw_against=count.raw_against,
        before_for=count.votes_for,
        before_against=count.votes_against,
        after_for=count.votes_for + sign * by_choice[Choice.FOR],
        after_against=count.votes_against + sign * by_choice[Choice.AGAINST],
    )


def _write(changed: Iterable[Held]) -> None:
    hour = hour_of(timezone.now())
    lines = [
        AnnulLine(seat.cid, seat.p, seat.annulled, hour)
        if seat.annulled
        else ReinstateLine(seat.cid, seat.p, hour)
        for seat in changed
    ]
    PendingLine.objects.bulk_create(
        (
            PendingLine(cid=line.cid, p=line.pseudonym, kind=line.WORD, text=str(line))
            for line in lines
        ),
        batch_size=_LINES_AT_ONCE,
    )
