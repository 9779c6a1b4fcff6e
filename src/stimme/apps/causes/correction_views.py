"""Recording a correction, and its page for good."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from stimme.apps.accounts.decorators import SignedInRequest
from stimme.apps.accounts.models import User
from stimme.apps.ballot.selectors import count_of
from stimme.apps.causes import selectors
from stimme.apps.causes.considering import asks, ground_of, told_about
from stimme.apps.causes.correction_forms import CorrectionForm
from stimme.apps.causes.corrections import may_correct, record_correction
from stimme.apps.causes.models import Cause, Correction
from stimme.apps.causes.visits import voter_in

INVALID = 422


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: SignedInRequest, slug: str) -> HttpResponse:
    """Say what was wrong about a cause: for its author, and for staff with the role."""
    cause = get_object_or_404(Cause.objects.select_related("current", "organisation"), slug=slug)
    own = _is_own(request.user, cause)
    if cause.hidden:
        return redirect(cause)
    form = CorrectionForm(cause, request.POST or None, own=own)
    if form.is_valid() and (correction := _record(request, cause, form)):
        return redirect(correction)
    assert cause.current
    context = {
        "form": form,
        "cause": cause,
        "own": own,
        "voters": count_of(cause.current.cid).voters,
    }
    status = INVALID if form.errors else 200
    return render(request, "causes/correction_form.html", context, status=status)


def _is_own(user: User, cause: Cause) -> bool:
    """Whether somebody may only admit something on their own cause, without the role."""
    if may_correct(user):
        return False
    if cause.author_id != user.pk:
        raise PermissionDenied
    return True


def _record(request: SignedInRequest, cause: Cause, form: CorrectionForm) -> Correction | None:
    try:
        correction = record_correction(by=request.user, cause=cause, fault=form.fault())
    except ValidationError as error:
        form.add_error(None, error)
        return None
    messages.success(request, _("The correction is recorded, and everybody who voted is asked."))
    return correction


@require_safe
def correction(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What was wrong, since when, who says so, and what those who had voted made of it."""
    found = get_object_or_404(
        Correction.objects.select_related("version__cause", "source").prefetch_related("sources"),
        pk=pk,
        version__cause__slug=slug,
    )
    cause = found.version.cause
    if cause.hidden:
        return redirect(cause)
    context: dict[str, Any] = {"correction": found, "cause": cause, "one": told_about(found)}
    if voter := voter_in(request):
        versions = selectors.versions_of(slug)
        seats = selectors.seats_on(secret=voter.secret, versions=versions)
        context["asks"] = asks(seats, versions, ground_of(versions))
    return render(request, "causes/correction.html", context)
