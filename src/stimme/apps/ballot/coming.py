"""By whose link somebody came to a cause: kept in a cookie of that cause, for a day at most."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from stimme.apps.ballot.links import link_with
from stimme.apps.ballot.models import Link

COOKIE = "stimme_by"
_DAY = 24 * 3600


def remember(response: HttpResponse, link: Link, path: str) -> None:
    """Let the browser tell it to the pages below `path`, which issue the ballot papers."""
    response.set_cookie(
        COOKIE,
        link.code,
        max_age=_DAY,
        path=path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def came_by(request: HttpRequest, cid: str) -> int:
    """Return the number of the link to this box, for the ballot paper; 0 where there is none."""
    code = request.COOKIES.get(COOKIE)
    link = link_with(code) if code else None
    return link.pk if link and link.cid == cid else 0
