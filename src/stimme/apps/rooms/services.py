"""What facilitators and members do in a room. Nothing of it reaches the ballot or the log."""

import hashlib
import secrets
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from stimme.apps.accounts.models import User
from stimme.apps.ballot.choices import Choice
from stimme.apps.causes.models import Cause
from stimme.apps.rooms.codes import new_code
from stimme.apps.rooms.models import Member, Room, Stage

DAYS = 30
MOST_ROOMS = 20  # of one account at a time
MOST_MEMBERS = 300  # of one room
_VOTES = {Stage.FIRST_VOTE: "first", Stage.SECOND_VOTE: "second"}


class TooManyRooms(Exception):
    """The account has as many rooms as one may have."""


class NobodyElseCanJoin(Exception):
    """The room is full, or its facilitator has closed it."""


class NoVoteNow(Exception):
    """The room is at a stage in which nobody votes, or it is closed."""


@transaction.atomic
def open_room(*, facilitator: User, cause: Cause) -> Room:
    """Open a room on the present wording of a cause; it is gone after 30 days.

    Raises PermissionDenied for a hidden cause, TooManyRooms.
    """
    if cause.hidden or cause.current_id is None:
        raise PermissionDenied
    User.objects.select_for_update().get(pk=facilitator.pk)  # one after the other
    now = timezone.now()
    if Room.objects.filter(facilitator=facilitator, expires_at__gt=now).count() >= MOST_ROOMS:
        raise TooManyRooms
    values = {"opened_at": now, "expires_at": now + timedelta(days=DAYS)}
    room = Room(facilitator=facilitator, version_id=cause.current_id, **values)
    while not _has_free_code(room):
        pass
    return room


def _has_free_code(room: Room) -> bool:
    """Give the room a code, and save it; False where another room has that code."""
    room.code = new_code()
    try:
        with transaction.atomic():
            room.save(force_insert=True)
    except IntegrityError:
        return False
    return True


@transaction.atomic
def join(*, room: Room) -> str:
    """Make a member; return the token that its browser keeps. Raises NobodyElseCanJoin."""
    now = Room.objects.select_for_update().get(pk=room.pk)
    if now.closed or now.members.count() >= MOST_MEMBERS:
        raise NobodyElseCanJoin
    token = secrets.token_urlsafe()
    Member.objects.create(room=now, token_hash=hashed(token))
    return token


def hashed(token: str) -> str:
    """Return what the database has of a token: it could not be used to be the member."""
    return hashlib.sha256(token.encode()).hexdigest()


def vote(*, member: Member, choice: Choice) -> None:
    """Vote for or against in the round the room is at, or change that. Raises NoVoteNow."""
    for stage, field in _VOTES.items():
        # One statement: who votes while the facilitator goes on votes before or after it.
        rows = Member.objects.filter(pk=member.pk, room__stage=stage, room__closed=False)
        if rows.update(**{field: choice}):
            return
    raise NoVoteNow


def go_to(*, room: Room, stage: Stage) -> None:
    """Bring the room to a stage, forward or back. No vote is lost by it."""
    Room.objects.filter(pk=room.pk).update(stage=stage)


def set_closed(*, room: Room, closed: bool) -> None:
    """Let nobody join or vote any more, or again."""
    Room.objects.filter(pk=room.pk).update(closed=closed)


def delete_room(*, room: Room) -> None:
    """Delete the room with all that its members did."""
    Room.objects.filter(pk=room.pk).delete()


def forget_expired(*, at_most: int = 1000) -> None:
    """Delete rooms whose 30 days are over; what is left goes next time."""
    expired = Room.objects.filter(expires_at__lte=timezone.now())
    Room.objects.filter(pk__in=expired.values("pk")[:at_most]).delete()
