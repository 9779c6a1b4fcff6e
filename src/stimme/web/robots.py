"""What programs that read the whole web may read here."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe


@require_safe
@cache_control(public=True, max_age=3600, s_maxage=3600)
def robots(_request: HttpRequest) -> HttpResponse:
    """Everything public may be read and previewed; what asks to sign in leads robots nowhere."""
    closed = ["account", "receipt", "staff", "tally", "votes"]
    lines = ["User-agent: *", *(f"Disallow: /{name}/" for name in closed), ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
