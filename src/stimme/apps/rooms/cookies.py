"""How a browser remembers that it is a member: one cookie, sent to the pages of its room alone."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from stimme.apps.rooms.models import Member, Room
from stimme.apps.rooms.selectors import member_of

_NAME = "stimme_room"


def member_in(request: HttpRequest, code: str) -> Member | None:
    """Return the member that this browser is in the room of that code."""
    token = request.COOKIES.get(_NAME)
    return member_of(code=code, token=token) if token else None


def remember(response: HttpResponse, room: Room, token: str) -> None:
    """Let the browser keep the token for as long as the room exists."""
    response.set_cookie(
        _NAME,
        token,
        expires=room.expires_at,
        path=room.get_absolute_url(),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
