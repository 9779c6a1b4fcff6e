from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from stimme.apps.ballot.selectors import voters_by_box
from stimme.apps.organisations import selectors
from stimme.apps.organisations.forms import SearchForm
from stimme.apps.organisations.models import Commitment, Organisation

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
    commitments = selectors.commitments_by(organisation)
    context = {
        "commitments": _counted(commitments),
        "organisation": organisation,
        "page": page,
        "rows": [{"cause": cause, "voters": voters.get(cid, 0)} for cid, cause in boxes.items()],
        "decisions": selectors.latest_decisions().filter(cause__organisation=organisation)[:LATEST],
    }
    return render(request, "organisations/organisation.html", context)


@require_safe
def commitments(request: HttpRequest, slug: str) -> HttpResponse:
    """What an organisation said it would do, and whether it did; of one kind with `show`."""
    organisation = get_object_or_404(Organisation, slug=slug)
    found = selectors.commitments_by(organisation)
    show = request.GET.get("show", "")
    show = show if show in selectors.STANDS else ""
    shown = [one for one in found if show in {"", one.stands}]
    context = {
        "organisation": organisation,
        "counts": _counted(found),
        "number": len(found),
        "show": show,
        "page": Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
        "query": urlencode({"show": show} if show else {}),
    }
    return render(request, "organisations/commitments.html", context)


def _counted(found: list[Commitment]) -> list[tuple[str, str, int]]:
    """Key, word and number of every way in which a commitment can stand; none if there is none."""
    counts = selectors.count_commitments(found)
    return (
        [(key, str(word), counts[key]) for key, word in selectors.STANDS.items()] if found else []
    )
