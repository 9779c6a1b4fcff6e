"""After a turning point: stand by one's vote, change it, or withdraw it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from stimme.apps.accounts.decorators import SignedInRequest
from stimme.apps.ballot.errors import OpenedBefore
from stimme.apps.ballot.services import issue_paper, stand_by
from stimme.apps.ballot.sessions import session_of
from stimme.apps.causes.models import State
from stimme.apps.ledger.reconsider import Question, question_of


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reconsider(request: SignedInRequest, cid: str) -> HttpResponse:
    """What happened since my vote, in full; and one press to stand by it."""
    question = question_of(user=request.user, cid=cid)
    if question is None:
        raise Http404
    if question.cause.hidden:
        return redirect(question.cause)
    if request.method == "POST":
        return _stand_by(request, question)
    context = {"question": question, "cause": question.cause, **_paper(request, question)}
    return render(request, "ledger/reconsider.html", context)


def _stand_by(request: SignedInRequest, question: Question) -> HttpResponse:
    cid, asks = question.version.cid, question.asks
    if asks and request.POST.get("edition") != str(asks.edition):
        messages.info(request, _("Something more has happened meanwhile: please look again."))
        return redirect("ledger:reconsider", cid=cid)
    # Once more by the ballot itself: another window may have answered meanwhile.
    if asks and stand_by(user=request.user, cid=cid):
        messages.success(request, _("You stand by your vote. Thank you for looking again."))
        return redirect("ledger:votes")
    messages.info(request, _("Nothing is asked of this vote now."))
    return redirect("ledger:reconsider", cid=cid)


def _paper(request: SignedInRequest, question: Question) -> dict[str, Any]:
    """The paper to change the vote, or to vote on the new wording; none once it is closed."""
    if question.cause.state != State.OPEN or question.has_newer_vote:
        return {}
    if question.newest != question.version and not question.is_about_wording:
        return {}
    shown = question.votes_on
    affected = question.cause.parties.filter(hidden=False).count()
    try:
        paper = issue_paper(user=request.user, session=session_of(request), cid=shown.cid)
    except OpenedBefore as error:
        return {"votes_since": error.since}
    return {"paper": paper, "affected": affected}
