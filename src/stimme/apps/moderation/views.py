from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from stimme.apps.accounts.decorators import SignedInRequest, staff_required
from stimme.apps.accounts.growth import DAYS, FEW, TIMES
from stimme.apps.accounts.selectors import growth_of_a_day, unusual_hours
from stimme.apps.causes.models import Cause
from stimme.apps.moderation import selectors
from stimme.apps.moderation.forms import ReasonForm
from stimme.apps.moderation.models import Verb
from stimme.apps.moderation.services import hide, restore

PER_PAGE = 30
INVALID = 422
ACTS = {Verb.HIDE: hide, Verb.RESTORE: restore}


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """What staff hid or showed again, when and why: for everybody."""
    page = Paginator(selectors.public_log(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "moderation/log.html", {"page": page})


@staff_required
@require_safe
def growth(request: HttpRequest) -> HttpResponse:
    """Where unusually many accounts are new, by the published rule."""
    unusual = Paginator(unusual_hours(), PER_PAGE).get_page(request.GET.get("page"))
    rule = {"few": FEW, "times": TIMES, "days": DAYS}
    context = {"page": unusual, "hours": growth_of_a_day(), **rule}
    return render(request, "moderation/growth.html", context)


@staff_required
@require_safe
def cause(request: HttpRequest, slug: str) -> HttpResponse:
    """The texts of one cause, each with what can be done about it."""
    found = get_object_or_404(Cause.objects.select_related("current", "organisation"), slug=slug)
    return render(request, "moderation/cause.html", {"cause": found})


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: SignedInRequest, verb: str, kind: str, pk: int) -> HttpResponse:
    """Hide or show again one cause, party, source or statement."""
    target = selectors.find_target(kind=kind, pk=pk)
    if target is None or verb not in ACTS:
        raise Http404
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            action = ACTS[Verb(verb)](by=request.user, target=target, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("reason", error)
        else:
            return redirect(action.statement or "moderation:cause", slug=action.cause.slug)
    context = {"form": form, "target": target, "verb": verb, "kind": kind}
    status = INVALID if form.errors else 200
    return render(request, "moderation/act.html", context, status=status)
