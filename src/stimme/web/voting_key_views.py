"""The voter's own key: a page that works in the browser alone, and a new key for a vote."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from stimme.apps.accounts.decorators import SignedInRequest
from stimme.apps.ballot import services
from stimme.apps.ballot.errors import BallotError


class KeyForm(forms.Form):
    """The public key that the browser made; empty to give the vote into custody."""

    vk = forms.RegexField(r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\Z", required=False)


@never_cache
@login_required
@require_safe
def voting_key(request: SignedInRequest) -> HttpResponse:
    """The key is made, shown and forgotten by the page's script; the site never gets it."""
    return render(request, "web/voting_key.html")


@login_required
@require_POST
def rekey(request: SignedInRequest, cid: str) -> HttpResponse:
    """Give one's own vote another key, or none. The log records it publicly."""
    form = KeyForm(request.POST)
    if not form.is_valid():
        message = "not the public key of a voter"
        raise BadRequest(message)
    vk = form.cleaned_data["vk"] or None
    try:
        services.rekey(user=request.user, cid=cid, vk=vk)
    except BallotError as error:
        messages.error(request, str(error.sentence))
    else:
        messages.success(request, _given() if vk else _released())
    return redirect("web:receipt", cid=cid)


def _given() -> str:
    return _("Your vote has the key of this browser now. The log will show that it got a new one.")


def _released() -> str:
    return _(
        "Your vote is in our custody now. The log will show that it was released from its key."
    )
