from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from stimme.apps.accounts.decorators import SignedInRequest, recent_sign_in_required
from stimme.apps.accounts.departures import DAYS
from stimme.web import leaving
from stimme.web.account_forms import LeaveForm, Votes

INVALID = 422


@recent_sign_in_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: SignedInRequest) -> HttpResponse:
    """Erase the account, with or without its votes."""
    form = LeaveForm(request.POST or None)
    if not form.is_valid():
        status = INVALID if form.errors else 200
        return render(request, "web/leave.html", {"form": form, "days": DAYS}, status=status)
    withdraw = form.cleaned_data["votes"] == Votes.WITHDRAW
    withdrawn = leaving.leave(user=request.user, withdraw=withdraw)
    logout(request)
    messages.success(request, f"{_('Your account is erased.')} {_withdrawn(withdrawn)}".strip())
    return redirect("web:home")


def _withdrawn(number: int) -> str:
    if not number:
        return ""
    sentence = ngettext("%(n)s vote was withdrawn.", "%(n)s votes were withdrawn.", number)
    return sentence % {"n": number}
