from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from stimme.apps.accounts.decorators import SignedInRequest
from stimme.apps.accounts.services import Voter, voter_of
from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.errors import OpenedBefore
from stimme.apps.ballot.selectors import count_of
from stimme.apps.ballot.services import paper_of
from stimme.apps.ballot.sessions import session_of
from stimme.apps.ballot.tables import Held
from stimme.apps.causes import selectors, services
from stimme.apps.causes.differences import differences
from stimme.apps.causes.forms import RevisionForm, SearchForm
from stimme.apps.causes.letters import page_for
from stimme.apps.causes.models import Cause, CauseVersion, State

PER_PAGE = 20
INVALID = 422


@require_safe
def cause_list(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    wanted = form.wanted()
    found = selectors.causes(**wanted)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "wanted": wanted,
        "kept": {name: value for name, value in wanted.items() if value and name != "q"},
        "states": form.states(),
        "languages": form.languages(),
        "query": form.query(),
        "page": page,
        "rows": selectors.rows(list(page)),
    }
    return render(request, "causes/list.html", context)


def _voter(request: HttpRequest) -> Voter | None:
    return voter_of(user=request.user) if request.user.is_authenticated else None


@require_safe
def cause(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a cause before and after one's vote; the count comes after it, or on request."""
    if request.GET.keys() - {"count"}:
        return _without_tracks(request)
    voter = _voter(request)
    try:
        recent = _for_newcomer(request, voter, slug)
        briefing = recent or selectors.briefing_of(slug)
    except Cause.DoesNotExist as error:
        raise Http404 from error
    if briefing.cause.hidden:
        return _hidden(request, briefing.cause)
    user = request.user
    if voter and recent and user.is_authenticated and _is_plain(request, recent):
        session = session_of(request)
        return HttpResponse(page_for(user=user, voter=voter, session=session, briefing=recent))
    seats = selectors.seats_on(secret=voter.secret, versions=briefing.versions) if voter else {}
    context = {"briefing": briefing, **_own_part(request, briefing.current, voter, seats)}
    return render(request, "causes/cause.html", context)


def _without_tracks(request: HttpRequest) -> HttpResponse:
    """Lead to the address as it is: others add to it from where and by whom one came.

    We do not want to know, and a cache would have to keep the page for each of them anew.
    """
    return redirect(request.path + ("?count=1" if "count" in request.GET else ""))


def _for_newcomer(
    request: HttpRequest, voter: Voter | None, slug: str
) -> selectors.Briefing | None:
    """Return a briefing that may be a second old, or None for all but newcomers.

    Authors, staff and voters see at once what they did, and those who came back may have no vote
    here; the pages of strangers are kept elsewhere.
    """
    user = request.user
    if voter is None or voter.since or user.is_staff:
        return None
    recent = selectors.recent_briefing(slug)
    seats = selectors.seats_on(secret=voter.secret, versions=recent.versions)
    return None if seats or recent.cause.author_id == user.pk else recent


def _is_plain(request: HttpRequest, briefing: selectors.Briefing) -> bool:
    """Whether the page says nothing but what it says to every newcomer."""
    asks = bool(request.META.get("QUERY_STRING"))
    return briefing.cause.state == State.OPEN and not asks and not len(get_messages(request))


def _hidden(request: HttpRequest, cause: Cause) -> HttpResponse:
    context = {"cause": cause, "reason": selectors.hidden_because(cause)}
    return render(request, "causes/hidden.html", context, status=403)


def _own_part(
    request: HttpRequest,
    shown: CauseVersion,
    voter: Voter | None,
    seats: Mapping[int, Held],
) -> dict[str, Any]:
    """The visitor's vote, the paper to give or change it, and the count if it is time for it."""
    voted = _own_vote(request, shown, voter, seats) if voter else {}
    if voted.get("choice") or "count" in request.GET or shown.cause.state == State.CLOSED:
        return {**voted, "count": count_of(shown.cid), "live": _live(shown)}
    return voted


def _live(shown: CauseVersion) -> str:
    """The box whose count may change while one looks at it, or nothing."""
    cause = shown.cause
    return shown.cid if cause.state == State.OPEN and cause.current_id == shown.pk else ""


def _own_vote(
    request: HttpRequest, shown: CauseVersion, voter: Voter, seats: Mapping[int, Held]
) -> dict[str, Any]:
    seat = seats.get(shown.number)
    earlier = [
        number
        for number, old in seats.items()
        if number != shown.number and old.choice != Choice.WITHDRAWN
    ]
    context = {
        "seat": seat,
        "choice": seat.choice if seat else "",
        "earlier": max(earlier, default=0),
    }
    if shown.cause.state == State.OPEN:
        context |= _paper(request, shown, voter)
    return context


def _paper(request: HttpRequest, shown: CauseVersion, voter: Voter) -> dict[str, Any]:
    """The paper, or since when a cause must be open so that this visitor can vote on it."""
    try:
        return {"paper": paper_of(voter, session=session_of(request), cid=shown.cid)}
    except OpenedBefore as error:
        return {"votes_since": error.since}


@require_safe
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show an earlier wording, what changed after it, and its own count."""
    versions = selectors.versions_of(slug)
    shown = next((version for version in versions if version.number == number), None)
    if shown is None:
        raise Http404
    if shown.cause.hidden:
        return _hidden(request, shown.cause)
    current = selectors.current_of(versions)
    if shown == current:
        return redirect(shown.cause)
    voter = _voter(request)
    seats = selectors.seats_on(secret=voter.secret, versions=[shown]) if voter else {}
    context = {
        "version": shown,
        "changes": differences(shown.ask, current.ask),
        **_own_part(request, shown, voter, seats),
    }
    return render(request, "causes/version.html", context)


@require_safe
def document(request: HttpRequest, cid: str) -> HttpResponse:
    """The exact bytes that the cause's id binds."""
    version = get_object_or_404(CauseVersion.objects.select_related("cause"), cid=cid)
    if version.cause.hidden:
        return _hidden(request, version.cause)
    response = HttpResponse(version.document, content_type="application/json")
    response["Access-Control-Allow-Origin"] = "*"
    # Not for long: staff may hide it.
    patch_cache_control(response, public=True, max_age=60, s_maxage=10)
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def revise(request: SignedInRequest, slug: str) -> HttpResponse:
    """Reword a demand: edit, look at the difference, publish."""
    cause = _own_open(request, slug)
    current = cause.current
    assert current
    go = request.POST.get("go", "edit")
    if go == "edit":
        typed = request.POST.dict() if request.method == "POST" else None
        form = RevisionForm(current=current, initial=typed)
        return render(request, "causes/revise.html", {"cause": cause, "form": form})
    form = RevisionForm(request.POST, current=current)
    if not form.is_valid():
        context = {"cause": cause, "form": form}
        return render(request, "causes/revise.html", context, status=INVALID)
    return _publish(request, cause, form) if go == "publish" else _compare(request, cause, form)


def _compare(request: SignedInRequest, cause: Cause, form: RevisionForm) -> HttpResponse:
    old, new = form.current, form.demand()
    context = {
        "cause": cause,
        "form": form,
        "ask": differences(old.ask, new.ask),
        "what_changes": differences(old.what_changes, new.what_changes),
    }
    return render(request, "causes/revise_preview.html", context)


def _publish(request: SignedInRequest, cause: Cause, form: RevisionForm) -> HttpResponse:
    try:
        services.revise_cause(by=request.user, cause=cause, demand=form.demand())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The new wording is published."))
    return redirect(cause)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: SignedInRequest, slug: str) -> HttpResponse:
    cause = _own_open(request, slug)
    if request.method == "POST":
        services.close_cause(by=request.user, cause=cause)
        messages.success(request, _("The vote is closed."))
        return redirect(cause)
    return render(request, "causes/close.html", {"cause": cause})


def _own_open(request: SignedInRequest, slug: str) -> Cause:
    """The signed-in author's cause. Raises Http404, or PermissionDenied for everybody else."""
    causes = Cause.objects.select_related("current", "organisation")
    cause = get_object_or_404(causes, slug=slug)
    if cause.author_id != request.user.pk or cause.hidden or cause.state != State.OPEN:
        raise PermissionDenied
    return cause
