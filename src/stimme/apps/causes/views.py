from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from stimme.apps.accounts.decorators import SignedInRequest
from stimme.apps.causes import selectors, services
from stimme.apps.causes.considering import asks, ground_of
from stimme.apps.causes.differences import differences
from stimme.apps.causes.forms import RevisionForm, SearchForm
from stimme.apps.causes.letters import Sheet, letter_for
from stimme.apps.causes.models import Cause, CauseVersion, State
from stimme.apps.causes.visits import (
    for_newcomer,
    hidden_page,
    is_plain,
    note_count,
    own_part,
    since_briefed,
    voter_in,
    without_tracks,
)

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


@require_safe
def cause(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a cause before and after one's vote; the count comes after it, or on request."""
    if request.GET.keys() - {"count"}:
        return without_tracks(request, keep="count")
    voter = voter_in(request)
    try:
        recent = for_newcomer(request, voter, slug)
        briefing = recent or selectors.briefing_of(slug)
    except Cause.DoesNotExist as error:
        raise Http404 from error
    if briefing.cause.hidden:
        return hidden_page(request, briefing.cause)
    if voter and recent and is_plain(request, recent):
        return letter_for(request, voter, Sheet("causes/cause.html", recent))
    seats = selectors.seats_on(secret=voter.secret, versions=briefing.versions) if voter else {}
    own = own_part(request, briefing.current, voter, seats)
    asked = asks(seats, briefing.versions, briefing.ground)
    since = since_briefed(own.get("seat"), briefing.ground.points)
    context = {"briefing": briefing, "asks": asked, "since": since, **own}
    response = render(request, "causes/cause.html", context)
    if own.get("paper") and "count" in own and not own["choice"]:
        note_count(response, briefing.current)
    return response


@require_safe
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show an earlier wording, what changed after it, and its own count."""
    versions = selectors.versions_of(slug)
    shown = next((version for version in versions if version.number == number), None)
    if shown is None:
        raise Http404
    if shown.cause.hidden:
        return hidden_page(request, shown.cause)
    current = selectors.current_of(versions)
    if shown == current:
        return redirect(shown.cause)
    voter = voter_in(request)
    seats = selectors.seats_on(secret=voter.secret, versions=[shown]) if voter else {}
    context = {
        "version": shown,
        "changes": differences(shown.ask, current.ask),
        **own_part(request, shown, voter, seats),
    }
    if "count" in context:
        context["told"] = ground_of([shown]).told_of(shown)
    return render(request, "causes/version.html", context)


@require_safe
def document(request: HttpRequest, cid: str) -> HttpResponse:
    """The exact bytes that the cause's id binds."""
    version = get_object_or_404(CauseVersion.objects.select_related("cause"), cid=cid)
    if version.cause.hidden:
        return hidden_page(request, version.cause)
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
