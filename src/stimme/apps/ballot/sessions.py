from django.conf import settings
from django.http import HttpRequest


def session_of(request: HttpRequest) -> str:
    """Return what a ballot paper is bound to: the session cookie as it came, or nothing.

    Issuing and casting must read the same; casting looks up no session.
    """
    return request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
