"""Starting a cause, step by step."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from stimme.apps.causes import drafting, drafts
from stimme.apps.causes.drafting import BY_NAME, LABELS, STEPS, Step
from stimme.apps.causes.models import AffectedParty, Cause, Source
from stimme.apps.causes.selectors import similar_causes
from stimme.apps.causes.services import TooManyCauses
from stimme.apps.organisations.models import Organisation
from stimme.apps.organisations.selectors import organisation_named

INVALID = 422
TOO_MANY = 429


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, name: str) -> HttpResponse:
    """Show one step, or keep what was typed in it and go on, back, or to one more row."""
    if name not in BY_NAME:
        raise Http404
    shown = BY_NAME[name]
    if request.method == "POST":
        return _keep(request, shown)
    typed = drafts.draft_of(request.user).steps.get(name)
    if "check" in request.GET:
        return _page(request, shown, shown.again(typed))
    if name == "organisation" and not typed:
        typed = _asked_for(request)
    wanted = request.GET.get("rows", "")
    rows = int(wanted) if wanted.isdecimal() and len(wanted) == 1 else 0
    return _page(request, shown, shown.fresh(typed, rows))


def _asked_for(request: HttpRequest) -> dict[str, str]:
    """Somebody may come from the page of an organisation."""
    found = Organisation.objects.filter(slug=request.GET.get("organisation", "")).first()
    return {"name": found.name} if found else {}


def _page(request: HttpRequest, shown: Step, form: Any, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "step": shown.name,
        "step_label": shown.label,
        "steps": LABELS,
        "number": STEPS.index(shown) + 1,
    }
    return render(request, f"causes/start_{shown.name}.html", context, status=status)


def _keep(request: HttpRequest, shown: Step) -> HttpResponse:
    go = request.POST.get("go")
    if go == "discard":
        drafts.discard(author=request.user)
        messages.info(request, _("Your draft is thrown away."))
        return redirect("causes:list")
    form = shown.bound(request.POST)
    drafts.save_step(author=request.user, step=shown.name, typed=form.typed())
    if go == "back":
        return redirect(_address(STEPS.index(shown) - 1))
    if go == "add":
        rows = min(len(form.forms) + 1, drafting.MOST_ROWS)
        return redirect(f"{_address(STEPS.index(shown))}?rows={rows}#row-{rows}")
    if not form.is_valid():
        return _page(request, shown, form, status=INVALID)
    return redirect(_address(STEPS.index(shown) + 1))


def _address(index: int) -> str:
    """Where the step of this number lives; after the last comes the preview."""
    if index <= 0:
        return reverse("causes:start")
    if index >= len(STEPS):
        return reverse("causes:preview")
    return reverse("causes:step", args=[STEPS[index].name])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest) -> HttpResponse:
    """Show the cause as it will be, beside similar ones; publish it."""
    draft = drafts.draft_of(request.user)
    parts = drafting.check(draft)
    if wrong := drafting.first_wrong(parts):
        query = "?check=1" if wrong in draft.steps else ""
        return redirect(_address(STEPS.index(BY_NAME[wrong])) + query)
    if request.method == "POST":
        return _publish(request, parts)
    demand, organisation = parts["demand"].demand(), parts["organisation"].organisation()
    known = organisation_named(organisation["name"])
    context = {
        "demand": demand,
        "organisation": organisation,
        "parties": [(AffectedParty(**row), "") for row in parts["affected"].filled()],
        "sources": [(Source(**row), "") for row in parts["sources"].filled()],
        "similar": similar_causes(ask=demand.ask, organisation=known),
        "steps": LABELS,
        "number": len(LABELS),
    }
    return render(request, "causes/start_preview.html", context)


def _publish(request: HttpRequest, parts: dict[str, Any]) -> HttpResponse:
    try:
        cause = _published(request, parts)
    except drafts.NoDraft:
        return redirect("causes:start")
    except TooManyCauses:
        reason = _("You have started as many causes today as one person can. Your draft is kept.")
        return render(request, "429.html", {"reason": reason}, status=TOO_MANY)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("causes:start")
    messages.success(request, _("Your cause is published. Its text is frozen at the first vote."))
    return redirect(cause)


def _published(request: HttpRequest, parts: dict[str, Any]) -> Cause:
    return drafts.publish_draft(
        author=request.user,
        organisation=parts["organisation"].organisation(),
        demand=parts["demand"].demand(),
        parties=parts["affected"].parties(),
        sources=parts["sources"].references(),
    )
