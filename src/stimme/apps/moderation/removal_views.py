"""Votes annulled and reinstated: the public list, and the pages of those with the role."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from stimme.apps.accounts.decorators import SignedInRequest, staff_required
from stimme.apps.ballot.removals import Effect, preview
from stimme.apps.causes.models import Cause
from stimme.apps.moderation import selectors
from stimme.apps.moderation.models import Removal
from stimme.apps.moderation.removal_forms import AnnulForm, ReinstateForm
from stimme.apps.moderation.removing import annul_votes, chosen_of, may_annul, reinstate_votes

PER_PAGE = 30
INVALID = 422
View = Callable[..., HttpResponse]


def role_required(view: View) -> View:
    """Staff without the role to annul votes are refused, too (403)."""

    @staff_required
    @wraps(view)
    def guarded(request: SignedInRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not may_annul(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@require_safe
def removals(request: HttpRequest) -> HttpResponse:
    """Every removal of votes, why, and what it did to the count: for everybody."""
    page = Paginator(selectors.public_removals(), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "reasons": selectors.removals_by_reason()}
    return render(request, "moderation/removals.html", context)


@role_required
@require_http_methods(["GET", "HEAD", "POST"])
def annul(request: SignedInRequest, slug: str) -> HttpResponse:
    """Choose votes of a cause, look at what it would do, and only then annul them."""
    cause = get_object_or_404(Cause.objects.select_related("current", "organisation"), slug=slug)
    form = AnnulForm(cause, request.POST or None)
    effect, confirm = None, ""
    if form.is_valid():
        version, reason = form.cleaned_data["version"], form.cleaned_data["reason"]
        seats, note = form.pseudonyms(version), form.cleaned_data["note"]
        effect = preview(cid=version.cid, pseudonyms=seats, reason=reason)
        confirm = _fingerprint(version.cid, reason, effect)
        if _is_confirmed(form, confirm) and _done(
            request,
            form,
            lambda: annul_votes(
                by=request.user, version=version, pseudonyms=seats, reason=reason, note=note
            ),
        ):
            return redirect("moderation:removals")
    context = {"form": form, "cause": cause, "effect": effect, "confirm": confirm}
    return render(request, "moderation/annul.html", context, status=_status(form))


@role_required
@require_http_methods(["GET", "HEAD", "POST"])
def reinstate(request: SignedInRequest, pk: int) -> HttpResponse:
    """The same for votes of one removal that shall count again."""
    removal = get_object_or_404(selectors.public_removals(), pk=pk, undoes=None)
    form = ReinstateForm(request.POST or None)
    effect, confirm = None, ""
    if form.is_valid():
        named, note = form.pseudonyms(removal.version), form.cleaned_data["note"]
        cid, seats = removal.version.cid, chosen_of(removal, named)
        effect = preview(cid=cid, pseudonyms=seats, reason="")
        confirm = _fingerprint(cid, "", effect)
        if _is_confirmed(form, confirm) and _done(
            request,
            form,
            lambda: reinstate_votes(by=request.user, removal=removal, pseudonyms=named, note=note),
        ):
            return redirect("moderation:removals")
    context = {"form": form, "removal": removal, "effect": effect, "confirm": confirm}
    return render(request, "moderation/reinstate.html", context, status=_status(form))


def _fingerprint(cid: str, reason: str, effect: Effect) -> str:
    """What somebody agreed to: which seats, and why. The numbers may move on meanwhile."""
    return salted_hmac("removal", " ".join([cid, reason, *effect.seats])).hexdigest()


def _is_confirmed(form: AnnulForm | ReinstateForm, confirm: str) -> bool:
    return constant_time_compare(form.cleaned_data["confirm"], confirm)


def _done(
    request: HttpRequest, form: AnnulForm | ReinstateForm, act: Callable[[], Removal]
) -> bool:
    try:
        act()
    except ValidationError as error:
        form.add_error("note" if error.code != "unchanged" else "seats", error)
        return False
    messages.success(request, _("Done. Everybody can read it below, and soon in the public log."))
    return True


def _status(form: AnnulForm | ReinstateForm) -> int:
    return INVALID if form.errors else 200
