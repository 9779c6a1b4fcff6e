import logging
from collections.abc import Callable

from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers, patch_cache_control, patch_vary_headers

from stimme.apps.ballot.stores import StoreFailed

OK = 200
NOT_ALLOWED = 405
TOO_LARGE = 413
UNAVAILABLE = 503
STORE_AGAIN = 30  # seconds
logger = logging.getLogger(__name__)
Handler = Callable[[HttpRequest], HttpResponse]
# Pages that say the same to everybody who has no session. A page that holds a token, or
# anything of the person who asks, must never stand here.
FOR_EVERYBODY = frozenset(
    {
        "causes:briefing",
        "causes:cause",
        "causes:list",
        "causes:version",
        "deliberation:reasons",
        "moderation:log",
        "organisations:commitments",
        "organisations:list",
        "organisations:organisation",
        "web:home",
        "web:how_we_count",
        "web:log",
        "web:log_cause",
        "web:log_find",
        "web:what_your_click_does",
    }
)
FOR_A_SECOND = {"public": True, "max_age": 0, "s_maxage": 1, "must_revalidate": True}


def state_policy(get_response: Handler) -> Handler:
    """Say what pages may load: the same for all of them, so it is put together only once."""
    policy = build_policy()

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault(HEADER, policy)
        return response

    return middleware


def limit_body(get_response: Handler) -> Handler:
    """Refuse bodies that no form of ours can produce before anything reads them."""

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return render(request, "413.html", status=TOO_LARGE)
        return get_response(request)

    return middleware


def keep_private(get_response: Handler) -> Handler:
    """Let shared caches keep, for a second, only what is the same for everybody.

    Who has a session cookie, valid or not, is somebody: no cache keeps what they get. A view
    that says how to keep its answer is heard. Stands outside of all that sets cookies.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.has_header("Cache-Control"):
            return response
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            add_never_cache_headers(response)
        elif _is_for_everybody(request, response):
            patch_cache_control(response, **FOR_A_SECOND)
            # The cookies that matter are the session and the language.
            patch_vary_headers(response, ["Cookie"])
        else:
            patch_cache_control(response, private=True)
        return response

    return middleware


def _is_for_everybody(request: HttpRequest, response: HttpResponse) -> bool:
    match = request.resolver_match
    is_page = response.status_code == OK and request.method in {"GET", "HEAD"}
    return is_page and not response.cookies and bool(match and match.view_name in FOR_EVERYBODY)


class ExplainStore:
    """Say that the log cannot be read, where the object store with its files does not answer."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, StoreFailed):
            return None
        logger.error("%s", error)
        response = render(request, "503.html", status=UNAVAILABLE)
        response.headers["Retry-After"] = str(STORE_AGAIN)
        return response


def explain_addresses(get_response: Handler) -> Handler:
    """Show a page, not a blank one, to people who open the address that a form was sent to."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == NOT_ALLOWED and request.method == "GET":
            page = render(request, "404.html", {"status": NOT_ALLOWED})
            response.content = page.content
            response.headers["Content-Type"] = page.headers["Content-Type"]
        return response

    return middleware
