from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from stimme.apps.ballot.selectors import voters_by_box
from stimme.apps.organisations import selectors
from stimme.apps.organisations.forms import SearchForm
from stimme.apps.organisations.models import Organisation

PER_PAGE = 20
LATEST = 5


@require_safe
def organisation_list(request: HttpRequest) -> HttpResponse:
    q = SearchForm(request.GET).words()
    found = selectors.organisations(q=q)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "q": q, "query": urlencode({"q": q} if q else {})}
    return render(request, "organisations/list.html", context)


@require_safe
def organisation(request: HttpRequest, slug: str) -> HttpResponse:
    """Facts only: what was asked, and what was decided."""
    organisation = get_object_or_404(Organisation, slug=slug)
    found = selectors.causes_to(organisation)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    boxes = {cause.current.cid: cause for cause in page if cause.current}
    voters = voters_by_box(boxes)
    context = {
        "organisation": organisation,
        "page": page,
        "rows": [{"cause": cause, "voters": voters.get(cid, 0)} for cid, cause in boxes.items()],
        "decisions": selectors.latest_decisions().filter(cause__organisation=organisation)[:LATEST],
    }
    return render(request, "organisations/organisation.html", context)
