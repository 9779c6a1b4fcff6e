from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stimme.apps.accounts.decorators import SignedInRequest
from stimme.apps.ledger import notice_settings
from stimme.apps.ledger.feeds import feed_of
from stimme.apps.ledger.notice_forms import FrequencyForm
from stimme.apps.ledger.notices import in_order, own_points

PER_PAGE = 20
INVALID = 422


@never_cache
@login_required
@require_safe
def notices(request: SignedInRequest) -> HttpResponse:
    """What happened to the causes I voted on, worked out for this page and stored nowhere."""
    points, asking = own_points(user=request.user)
    page = Paginator(points, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "notices": in_order(list(page), asking)}
    return render(request, "ledger/notices.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def notice_settings_page(request: SignedInRequest) -> HttpResponse:
    """How often mails come, in which language, and the address of the feed."""
    state = notice_settings.state_of(request.user)
    form = FrequencyForm(request.POST or None, initial={"frequency": state.frequency})
    if form.is_valid():
        notice_settings.choose(
            user=request.user, frequency=form.cleaned_data["frequency"], language=_language()
        )
        messages.success(request, _("That is how notices come from now on."))
        return redirect("ledger:notice_settings")
    context = {"form": form, "feed": notice_settings.feed_token(state)}
    status = INVALID if form.errors else 200
    return render(request, "ledger/notice_settings.html", context, status=status)


@never_cache
@login_required
@require_POST
def renew_feed(request: SignedInRequest) -> HttpResponse:
    """Make the address of the feed anew."""
    notice_settings.renew_feed(user=request.user)
    messages.success(request, _("The feed has a new address; the old one leads nowhere."))
    return redirect("ledger:notice_settings")


# Whoever has the link may, signed in or not: mail programs send it in one press (RFC 8058), and
# all that it can do is to end the mails of this account.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def notices_off(request: HttpRequest, token: str) -> HttpResponse:
    """End the mails. Opening the link only asks: programs open links by themselves."""
    if request.method == "POST":
        if not notice_settings.switch_off(token):
            raise Http404
        return render(request, "ledger/notices_are_off.html")
    if not notice_settings.is_off_link(token):
        raise Http404
    return render(request, "ledger/notices_off.html")


@never_cache
@require_safe
def feed(_request: HttpRequest, token: str) -> HttpResponse:
    """The notices of one account, for whoever knows the address."""
    state = notice_settings.state_of_feed(token)
    if state is None:
        raise Http404
    headers = {"X-Robots-Tag": "noindex"}
    return HttpResponse(feed_of(state), content_type="application/atom+xml", headers=headers)


def _language() -> str:
    return get_language() or ""
