"""What a voter can show to others: the question, never the vote unless they choose so."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from stimme.apps.accounts.decorators import SignedInRequest
from stimme.apps.accounts.services import voter_of
from stimme.apps.ballot.services import link_of
from stimme.apps.ledger.cards import card_of, state_of
from stimme.apps.ledger.forms import CardForm
from stimme.apps.ledger.selectors import Entry
from stimme.apps.ledger.views import own_entry


@login_required
@require_POST
def make_link(request: SignedInRequest, cid: str) -> HttpResponse:
    """Make the voter's own link to the cause; making it again is no error."""
    _shown_entry(request, cid)
    link_of(voter_of(user=request.user), cid)
    return redirect(reverse("ledger:vote", args=[cid]) + "#link")


@never_cache
@login_required
@require_safe
def card(request: SignedInRequest, cid: str) -> HttpResponse:
    """The card as it will look, and the choice to show one's own vote on it."""
    form = CardForm(request.GET)
    entry = _shown_entry(request, cid)
    context = {
        "entry": entry,
        "form": form,
        "state": state_of(entry),
        "query": form.query(),
    }
    return render(request, "ledger/card.html", context)


@never_cache
@login_required
@require_safe
def card_picture(request: SignedInRequest, cid: str) -> HttpResponse:
    entry = _shown_entry(request, cid)
    picture = card_of(entry, with_choice=CardForm(request.GET).with_choice())
    return HttpResponse(picture, content_type="image/svg+xml; charset=utf-8")


def _shown_entry(request: SignedInRequest, cid: str) -> Entry:
    """What staff hid is not spread. Raises Http404."""
    entry = own_entry(request, cid)
    if entry.version.cause.hidden:
        raise Http404
    return entry
