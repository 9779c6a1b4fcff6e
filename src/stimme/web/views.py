from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_htmx.middleware import HtmxDetails

from stimme.apps.accounts.decorators import SignedInRequest
from stimme.apps.ballot.receipts import Receipt, receipt_for
from stimme.apps.ballot.selectors import count_of
from stimme.apps.ballot.services import issue_paper
from stimme.apps.ballot.sessions import session_of
from stimme.apps.causes import selectors as causes
from stimme.apps.causes.considering import asks, ground_of
from stimme.apps.causes.models import CauseVersion, State
from stimme.apps.organisations.selectors import latest_decisions

FEW = 4


class HtmxRequest(SignedInRequest):
    htmx: HtmxDetails


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is asked now, who waits longest for an answer, and what was decided."""
    open_causes = causes.causes(show="open")
    context = {
        "open_rows": causes.rows(list(open_causes[:FEW])),
        "waiting_rows": causes.rows(list(causes.waiting()[:FEW])),
        "decisions": latest_decisions()[:FEW],
    }
    return render(request, "web/home.html", context)


@never_cache
@login_required
@require_safe
def receipt(request: HtmxRequest, cid: str) -> HttpResponse:
    """The signed-in person's own receipt; asked by htmx, only the slip of it."""
    own = receipt_for(user=request.user, cid=cid)
    if own is None:
        raise Http404
    version = CauseVersion.objects.select_related("cause__organisation").get(cid=cid)
    cause = version.cause
    demand = _("Hidden by moderation") if cause.hidden else version.ask
    context = {"receipt": own, "cause": cause, "demand": demand}
    if request.htmx:
        return render(request, "web/receipt_slip.html", context)
    context |= {"count": count_of(cid), "choice": own.choice, **_ways_on(request, own, version)}
    return render(request, "web/receipt.html", context)


def _ways_on(request: HtmxRequest, own: Receipt, version: CauseVersion) -> dict[str, object]:
    """What can still be done: a paper to change the vote, or only to withdraw it."""
    cause = version.cause
    if cause.state != State.OPEN:
        return {}
    paper = issue_paper(user=request.user, session=session_of(request), cid=own.vote.cid)
    return {
        "paper": paper,
        "version": version,
        "asks": asks({version.number: own.seat}, [version], ground_of([version])),
        "live": "" if cause.current_id != version.pk or cause.hidden else version.cid,
        "is_superseded": cause.current_id != version.pk,
        "only_withdraw": cause.hidden or cause.current_id != version.pk,
    }
