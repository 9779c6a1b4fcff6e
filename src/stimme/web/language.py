"""Choosing the language of the pages."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django.views.i18n import set_language


# The form stands on pages that caches keep, so it cannot carry a token of the visitor's. All
# that a forged request could do is change a language; browsers say where it came from.
@csrf_exempt
@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Set the cookie of the language and lead back to the page, which must be one of ours."""
    if not _is_from_here(request):
        raise PermissionDenied
    return set_language(request)


def _is_from_here(request: HttpRequest) -> bool:
    """What browsers say of themselves; those too old to say anything are believed."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    here = f"{request.scheme}://{request.get_host()}"
    return origin in {None, here, *settings.CSRF_TRUSTED_ORIGINS}
