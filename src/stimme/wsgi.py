"""The pages as a WSGI application. Only the door, or an own proxy, reaches it."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

Environment = dict[str, Any]
StartResponse = Callable[..., Any]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stimme.settings")
_pages = get_wsgi_application()


def application(environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
    """Serve a request as the visitor sent it: the door says from where, and by which scheme."""
    environ["REMOTE_ADDR"] = environ.pop("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    environ["wsgi.url_scheme"] = environ.pop("HTTP_X_FORWARDED_PROTO", "http")
    return _pages(environ, start_response)
