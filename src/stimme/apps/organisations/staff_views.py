"""Staff record what organisations say and decide. What is recorded stays as it is."""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from stimme.apps.accounts.decorators import staff_required
from stimme.apps.organisations.commitments import record_commitment, record_status
from stimme.apps.organisations.models import Commitment, Decision
from stimme.apps.organisations.services import record_decision, record_response
from stimme.apps.organisations.staff_forms import (
    CommitmentForm,
    DecisionForm,
    ResponseForm,
    StatusForm,
)

INVALID = 422


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def respond(request: HttpRequest, slug: str) -> HttpResponse:
    """Record what the organisation says to a demand."""
    about = {"cause": _cause(slug)}
    template = "organisations/staff_respond.html"
    return _record(request, ResponseForm, record_response, template, about)


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, slug: str) -> HttpResponse:
    """Record what the organisation decided about a demand."""
    about = {"cause": _cause(slug)}
    template = "organisations/staff_decide.html"
    return _record(request, DecisionForm, record_decision, template, about)


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def commit(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what the organisation committed itself to with a decision."""
    decisions = Decision.objects.select_related("cause__current", "cause__organisation")
    about = {"decision": get_object_or_404(decisions, pk=pk)}
    template = "organisations/staff_commit.html"
    return _record(request, CommitmentForm, record_commitment, template, about)


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what became of a commitment."""
    commitments = Commitment.objects.select_related(
        "decision__cause__current", "decision__cause__organisation"
    ).prefetch_related("statuses")
    about = {"commitment": get_object_or_404(commitments, pk=pk)}
    template = "organisations/staff_follow_up.html"
    return _record(request, StatusForm, record_status, template, about)


def _cause(slug: str) -> Any:  # noqa: ANN401
    # By name: causes stand above organisations in the house.
    model = apps.get_model("causes", "Cause")
    return get_object_or_404(model.objects.select_related("current", "organisation"), slug=slug)


def _record(
    request: HttpRequest,
    form_class: type[Form],
    service: Callable[..., object],
    template: str,
    about: dict[str, Any],
) -> HttpResponse:
    """Let the service record what the form says `about` one thing, named as its argument."""
    [subject] = about.values()
    cause = _cause_of(subject)
    form = form_class(request.POST or None)
    if form.is_valid():
        try:
            service(by=request.user, **about, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect(cause)
    status = INVALID if form.errors else 200
    return render(request, template, {"form": form, "cause": cause, **about}, status=status)


def _cause_of(subject: Any) -> Any:  # noqa: ANN401
    match subject:
        case Commitment():
            return subject.decision.cause
        case Decision():
            return subject.cause
    return subject
