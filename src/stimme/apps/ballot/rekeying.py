"""Another key for a vote, or none, by its signed-in voter: the log counts it publicly."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from stimme.apps.accounts.limits import Rate, take
from stimme.apps.accounts.models import User
from stimme.apps.ballot.casting import CUSTODY
from stimme.apps.ballot.errors import BoxClosed, ChangedTooOften, NotBound, UnknownBox
from stimme.apps.ballot.models import Box, PendingLine, Seat, State
from stimme.apps.ballot.selectors import own_seats
from stimme.engines.translog import RekeyLine, hour_of

# Of one account: each leaves a line in the log. Giving votes back to leave is not held up.
REKEYS = Rate(burst=20, every=180)


@transaction.atomic
def rekey(*, user: User, cid: str, vk: str | None) -> None:
    """Bind the user's vote to another key, or, without one, give it into custody.

    The same key again changes nothing. Raises UnknownBox, BoxClosed, NotBound for a vote that
    needs no key, or ChangedTooOften.
    """
    box = Box.objects.select_for_update().filter(cid=cid).first()
    if box is None:
        raise UnknownBox
    if box.state == State.CLOSED:
        raise BoxClosed
    seat = next(iter(_locked(user, [cid])), None)
    if seat is None or not seat.bound_to:
        raise NotBound
    if seat.bound_to == (vk or CUSTODY):
        return
    if not take(key=f"rekey:{user.pk}", rate=REKEYS):
        raise ChangedTooOften
    _rekey(seat, vk)


@transaction.atomic
def release(*, user: User, cids: Collection[str]) -> None:
    """Give the user's votes in these boxes into custody, so that no key is needed any more."""
    list(Box.objects.select_for_update().filter(cid__in=cids).order_by("cid"))
    for seat in _locked(user, cids):
        if seat.bound_to not in {"", CUSTODY}:
            _rekey(seat, None)


def _locked(user: User, cids: Collection[str]) -> list[Seat]:
    """The user's seats, by box; nobody else changes them before the commit."""
    own = own_seats(user=user, cids=cids)
    return [
        Seat.objects.select_for_update().get(cid=cid, p=held.p) for cid, held in sorted(own.items())
    ]


def _rekey(seat: Seat, vk: str | None) -> None:
    seat.rekeys += 1
    seat.bound_to = vk or CUSTODY
    Seat.objects.filter(cid=seat.cid, p=seat.p).update(rekeys=seat.rekeys, bound_to=seat.bound_to)
    line = RekeyLine(seat.cid, seat.p, seat.rekeys, vk, hour_of(timezone.now()))
    PendingLine.objects.create(cid=seat.cid, p=seat.p, kind=line.WORD, text=str(line))
