from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers, patch_cache_control

NOT_ALLOWED = 405
TOO_LARGE = 413
Handler = Callable[[HttpRequest], HttpResponse]


def limit_body(get_response: Handler) -> Handler:
    """Refuse bodies that no form of ours can produce before anything reads them."""

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return render(request, "413.html", status=TOO_LARGE)
        return get_response(request)

    return middleware


def keep_private(get_response: Handler) -> Handler:
    """Let no cache keep what is somebody's own; a view that says how to keep its answer is heard.

    Pages for everybody carry a token of the visitor's, so shared caches keep none of them.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.has_header("Cache-Control"):
            return response
        if request.user.is_authenticated:
            add_never_cache_headers(response)
        else:
            patch_cache_control(response, private=True)
        return response

    return middleware


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
