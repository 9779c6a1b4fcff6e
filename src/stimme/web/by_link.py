from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from stimme.apps.ballot import coming
from stimme.apps.ballot.links import link_with
from stimme.apps.causes.models import CauseVersion


@never_cache
@require_safe
def by_link(_request: HttpRequest, code: str) -> HttpResponse:
    """Lead to the cause that a voter's own link is about; a first vote there will count for it."""
    link = link_with(code)
    versions = CauseVersion.objects.select_related("cause")
    version = versions.filter(cid=link.cid).first() if link else None
    if link is None or version is None:
        raise Http404
    response = redirect(version.cause)
    coming.remember(response, link, version.cause.get_absolute_url())
    return response
