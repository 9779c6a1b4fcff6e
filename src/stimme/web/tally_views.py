"""The count of one cause as a part of pages: what the live tally shows anew."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_cookie

from stimme.apps.ballot.selectors import count_of
from stimme.apps.causes.models import CauseVersion
from stimme.web.middleware import FOR_A_SECOND

NO_CONTENT = 204


@require_safe
@cache_control(**FOR_A_SECOND)
@vary_on_cookie
def tally(request: HttpRequest, cid: str) -> HttpResponse:
    """The count in the visitor's language, as HTML; the same for everybody, signed in or not.

    It takes no parameters, so that nobody can make caches keep it twice.
    """
    shown = CauseVersion.objects.filter(cid=cid, discarded=False, cause__hidden=False)
    if request.GET or not shown.exists():
        raise Http404
    return render(request, "causes/count.html", {"count": count_of(cid)})


@require_safe
def tally_live(_request: HttpRequest, cid: str) -> HttpResponse:  # noqa: ARG001
    """Where no door serves the live tally: by this status a browser stops asking."""
    return HttpResponse(status=NO_CONTENT)
