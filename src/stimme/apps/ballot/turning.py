"""Turning points: after a reply, a decision or a correction everybody is asked anew."""

from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import voter_of
from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.models import Answer, Box, Seat, TurningKind, TurningPoint
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.selectors import voters_by_box
from stimme.apps.ballot.tables import tables_of

_EVERY_HOUR = ("", "")


@transaction.atomic
def turn(
    *,
    cid: str,
    kind: TurningKind,
    subject: int,
    at: datetime | None = None,
    hours: tuple[str, str] = _EVERY_HOUR,
) -> TurningPoint:
    """Ask all whose vote counts in this box now; with `hours`, those who cast it within them.

    To be called in the transaction that makes the `subject`. No vote slips in between: the box
    is locked, and whoever votes reads it.
    """
    box = Box.objects.select_for_update().get(cid=cid)
    box.edition += 1
    box.hours_from, box.hours_to = hours
    box.save(update_fields=["edition", "hours_from", "hours_to"])
    return TurningPoint.objects.create(
        cid=cid,
        edition=box.edition,
        kind=kind,
        subject=subject,
        at=at or timezone.now(),
        asked=_votes(cid, hours),
        hours_from=box.hours_from,
        hours_to=box.hours_to,
    )


def _votes(cid: str, hours: tuple[str, str]) -> int:
    """By the tally where it can tell: nobody votes in the box while its seats are counted."""
    if hours == _EVERY_HOUR:
        return voters_by_box([cid]).get(cid, 0)
    seats = Seat.objects.filter(cid=cid, annulled="", choice__in=[Choice.FOR, Choice.AGAINST])
    return seats.filter(hour__range=hours).count()


@transaction.atomic
def stand_by(*, user: User, cid: str) -> bool:
    """Take it that the signed-in person stands by the vote after the newest turning point.

    False when nothing is asked of the vote, or it was answered before.
    """
    seat_key = cid, pseudonym_of(secret=voter_of(user=user).secret, cid=cid)
    tables = tables_of(connection.vendor)
    with connection.cursor() as cursor:
        box = tables.boxes(cursor, [cid]).get(cid)
        held = tables.locked_seats(cursor, [seat_key]).get(seat_key)
    if box is None or held is None or not box.asks(held):
        return False
    _answer, is_new = Answer.objects.get_or_create(
        cid=cid,
        edition=box.edition,
        p=held.p,
        defaults={"before": held.choice, "after": held.choice},
    )
    return is_new
