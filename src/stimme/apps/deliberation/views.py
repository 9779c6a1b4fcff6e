from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stimme.apps.accounts.decorators import SignedInRequest
from stimme.apps.deliberation import selectors, services
from stimme.apps.deliberation.forms import MarkForm, ReadingForm, StatementForm, WordingForm
from stimme.apps.deliberation.models import Statement
from stimme.apps.deliberation.services import TooOften

if TYPE_CHECKING:
    from stimme.apps.causes.models import Cause

PER_PAGE = 10  # of each side
INVALID = 422
TOO_MANY = 429
View = Callable[..., HttpResponse]


@require_safe
def reasons(request: HttpRequest, slug: str) -> HttpResponse:
    """All reasons of a cause, both sides in equal room, the strongest first."""
    cause = _cause(slug)
    if cause.hidden:
        return redirect(cause)
    form = ReadingForm(request.GET)
    number = form.number()
    start = (number - 1) * PER_PAGE
    found = selectors.reasons(cause.pk, start=start, stop=start + PER_PAGE, shown=False)
    page = Paginator(range(found.longest), PER_PAGE).get_page(number)
    if page.number != number:
        raise Http404
    context = {
        "cause": cause,
        "reasons": found,
        "page": page,
        "counted": form.cleaned_data["count"],
        "query": form.query(),
        **_own_part(request, cause),
    }
    return render(request, "deliberation/reasons.html", context)


def _own_part(request: HttpRequest, cause: "Cause") -> dict[str, Any]:
    """What somebody signed in wrote and marked here."""
    user = request.user
    if not user.is_authenticated:
        return {}
    assert cause.current
    own = selectors.own_statements(user=user, cause_pk=cause.pk)
    return {
        "own": own,
        "own_numbers": {statement.number for statement in own},
        "marked": selectors.own_marks(user=user, cid=cause.current.cid),
    }


def _cause(slug: str) -> "Cause":
    # By name: causes stand above deliberation in the house.
    model: type[Cause] = apps.get_model("causes", "Cause")
    return get_object_or_404(model.objects.select_related("current", "organisation"), slug=slug)


def _statement(slug: str, number: int) -> Statement:
    statements = Statement.objects.select_related("cause__current", "cause__organisation")
    return get_object_or_404(statements, cause__slug=slug, number=number)


def limited(view: View) -> View:
    """Say so on a page where somebody did it as often as one account may."""

    @wraps(view)
    def guarded(request: SignedInRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except TooOften:
            return render(request, "429.html", status=TOO_MANY)

    return guarded


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited
def give(request: SignedInRequest, slug: str) -> HttpResponse:
    """Give a reason: write it, look at similar ones, post it."""
    cause = _cause(slug)
    if cause.hidden:
        return redirect(cause)
    go = request.POST.get("go", "edit")
    if go == "edit":
        form = StatementForm(initial=request.POST.dict())
        return _form(request, "deliberation/give.html", form, cause=cause)
    form = StatementForm(request.POST)
    if not form.is_valid():
        return _form(request, "deliberation/give.html", form, cause=cause)
    return _post(request, cause, form) if go == "post" else _look(request, cause, form)


def _look(request: SignedInRequest, cause: "Cause", form: StatementForm) -> HttpResponse:
    """Show the reason as it will stand, beside similar ones that could be marked instead."""
    text = form.cleaned_data["text"]
    context = {
        "cause": cause,
        "form": form,
        "statement": Statement(cause=cause, **form.cleaned_data),
        "similar": selectors.similar_statements(cause_pk=cause.pk, text=text),
        **_own_part(request, cause),
    }
    return render(request, "deliberation/give_preview.html", context)


def _post(request: SignedInRequest, cause: "Cause", form: StatementForm) -> HttpResponse:
    try:
        services.post_statement(by=request.user, cause=cause, **form.cleaned_data)
    except ValidationError as error:
        form.add_error("text", error)
        return _form(request, "deliberation/give.html", form, cause=cause)
    messages.success(request, _("Your reason is posted."))
    return redirect(f"{_address(cause)}#own")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited
def edit(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """Word an own reason anew while nobody else has marked it."""
    statement = _own(request, slug, number)
    given = {"text": statement.text, "source_url": statement.source_url}
    form = WordingForm(request.POST or None, initial=given)
    if form.is_valid():
        try:
            services.edit_statement(by=request.user, statement=statement, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("text", error)
        else:
            messages.success(request, _("Your reason has new words."))
            return redirect(f"{_address(statement.cause)}#own")
    return _form(request, "deliberation/edit.html", form, statement=statement)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    statement = _own(request, slug, number)
    if request.method == "POST":
        services.withdraw_statement(by=request.user, statement=statement)
        messages.success(request, _("Your reason is withdrawn, and its text deleted."))
        return redirect(_address(statement.cause))
    return render(request, "deliberation/withdraw.html", {"statement": statement})


@login_required
@require_POST
@limited
def mark(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """Say that a reason is a good one, or take that back; leads to where it stands."""
    statement = _statement(slug, number)
    form = MarkForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    wording, page = form.cleaned_data["mark"], form.cleaned_data["page"]
    try:
        if wording:
            services.mark(by=request.user, statement=statement, wording=wording)
        else:
            services.unmark(by=request.user, statement=statement)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    query = f"?page={page}" if page and page > 1 else ""
    return redirect(f"{_address(statement.cause)}{query}#reason-{number}")


def _own(request: SignedInRequest, slug: str, number: int) -> Statement:
    """Return an own reason that still has words. Raises Http404, PermissionDenied for others."""
    statement = _statement(slug, number)
    if not selectors.is_own(user=request.user, statement=statement):
        raise PermissionDenied
    if statement.withdrawn_at:
        raise Http404
    return statement


def _form(request: HttpRequest, template: str, form: Form, **context: object) -> HttpResponse:
    status = INVALID if form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)


def _address(cause: "Cause") -> str:
    return reverse("deliberation:reasons", args=[cause.slug])
