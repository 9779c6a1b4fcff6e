"""The briefing, who is affected beyond what the author knew, and how it was voted on."""

import csv
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from stimme.apps.accounts.decorators import SignedInRequest
from stimme.apps.accounts.services import Voter
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.selectors import how_voted
from stimme.apps.ballot.signing import against_first
from stimme.apps.causes import how_voting, selectors
from stimme.apps.causes.affected import name_party
from stimme.apps.causes.background import background_of, recent_background
from stimme.apps.causes.forms import PartyForm
from stimme.apps.causes.letters import Sheet, letter_for
from stimme.apps.causes.models import Cause, State
from stimme.apps.causes.services import Party
from stimme.apps.causes.visits import (
    for_newcomer,
    hidden_page,
    is_plain,
    own_vote,
    voter_in,
    without_tracks,
)

TEMPLATE = "causes/briefing.html"
INVALID = 422


@require_safe
def briefing(request: HttpRequest, slug: str) -> HttpResponse:
    """Show both sides on one screen, and below it the vote; the count is not there."""
    if request.GET:
        return without_tracks(request)
    voter = voter_in(request)
    try:
        recent = for_newcomer(request, voter, slug)
        found = recent or selectors.briefing_of(slug)
    except Cause.DoesNotExist as error:
        raise Http404 from error
    if found.cause.hidden:
        return hidden_page(request, found.cause)
    if voter and recent and is_plain(request, recent):
        return letter_for(request, voter, Sheet(TEMPLATE, recent, recent_background(recent)))
    sheet = Sheet(TEMPLATE, found, background_of(found))
    return render(request, TEMPLATE, _own_page(request, sheet, voter))


def _own_page(request: HttpRequest, sheet: Sheet, voter: Voter | None) -> dict[str, Any]:
    """What the page tells a stranger, or somebody who has a part in the cause."""
    if voter is None:
        return sheet.context(against_first=False)
    found = sheet.briefing
    order = against_first(pseudonym_of(secret=voter.secret, cid=found.current.cid))
    seats = selectors.seats_on(secret=voter.secret, versions=found.versions)
    told = sheet.told(against_first=order)
    own = own_vote(request, found.current, voter, seats, told)
    return {**sheet.context(against_first=order), **own}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def affected(request: SignedInRequest, slug: str) -> HttpResponse:
    """Let a reader name a party that is missing."""
    cause = get_object_or_404(selectors.published(), slug=slug)
    if cause.state != State.OPEN:
        raise PermissionDenied
    form = PartyForm(request.POST or None)
    if form.is_valid():
        try:
            name_party(by=request.user, cause=cause, party=Party(**form.cleaned_data))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Thank you. It stands among those who are affected."))
            return redirect("causes:briefing", slug)
    status = INVALID if form.errors else 200
    return render(request, "causes/affected.html", {"cause": cause, "form": form}, status=status)


@require_safe
def how_voted_csv(_request: HttpRequest, slug: str) -> HttpResponse:
    """How the newest version was voted on, as open data; empty where fewer than ten voted so."""
    cause = get_object_or_404(selectors.published(), slug=slug)
    assert cause.current
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    writer = csv.writer(response)
    writer.writerow(how_voting.COLUMNS)
    writer.writerows(how_voting.rows(how_voted(cause.current.cid)))
    patch_cache_control(response, public=True, max_age=60, s_maxage=10)
    return response
