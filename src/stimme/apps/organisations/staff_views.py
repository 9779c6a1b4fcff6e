"""Staff record what organisations say and decide. What is recorded stays as it is."""

from collections.abc import Callable

from django.apps import apps
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from stimme.apps.accounts.decorators import staff_required
from stimme.apps.organisations.services import record_decision, record_response
from stimme.apps.organisations.staff_forms import DecisionForm, ResponseForm

INVALID = 422


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def respond(request: HttpRequest, slug: str) -> HttpResponse:
    """Record what the organisation says to a demand."""
    return _record(request, slug, ResponseForm, record_response, "organisations/staff_respond.html")


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, slug: str) -> HttpResponse:
    """Record what the organisation decided about a demand."""
    return _record(request, slug, DecisionForm, record_decision, "organisations/staff_decide.html")


def _record(
    request: HttpRequest,
    slug: str,
    form_class: type[Form],
    service: Callable[..., object],
    template: str,
) -> HttpResponse:
    # By name: causes stand above organisations in the house.
    model = apps.get_model("causes", "Cause")
    cause = get_object_or_404(model.objects.select_related("current", "organisation"), slug=slug)
    form = form_class(request.POST or None)
    if form.is_valid():
        try:
            service(by=request.user, cause=cause, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect(cause)
    status = INVALID if form.errors else 200
    return render(request, template, {"form": form, "cause": cause}, status=status)
