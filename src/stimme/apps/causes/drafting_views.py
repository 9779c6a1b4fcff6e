"""Starting a cause, step by step."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from stimme.apps.accounts.decorators import SignedInRequest
from stimme.apps.accounts.models import User
from stimme.apps.causes import drafts
from stimme.apps.causes.drafting import LABELS, NAMES, STEPS, Answers, StepForm
from stimme.apps.causes.forms import MOST_ROWS, RowsFormSet
from stimme.apps.causes.models import AffectedParty, Cause, Source
from stimme.apps.causes.selectors import similar_causes
from stimme.apps.causes.services import TooManyCauses
from stimme.apps.organisations.models import Organisation
from stimme.apps.organisations.selectors import organisation_named

INVALID = 422
TOO_MANY = 429


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: SignedInRequest, name: str) -> HttpResponse:
    """Show one step, or keep what was typed in it and go on, back, or to one more row."""
    if name not in NAMES:
        raise Http404
    index = NAMES.index(name)
    if request.method == "POST":
        return _keep(request, index)
    typed = drafts.draft_of(request.user).steps.get(name)
    if "check" in request.GET:
        return _page(request, index, STEPS[index].again(typed))
    if name == "organisation" and not typed:
        typed = _asked_for(request)
    return _page(request, index, STEPS[index].fresh(typed, _rows_wanted(request)))


def _rows_wanted(request: SignedInRequest) -> int:
    rows = request.GET.get("rows", "")
    return int(rows) if rows in map(str, range(MOST_ROWS + 1)) else 0


def _asked_for(request: SignedInRequest) -> dict[str, str]:
    """Somebody may come from the page of an organisation."""
    slug = request.GET.get("organisation", "").replace("\0", "")
    found = Organisation.objects.filter(slug=slug).first()
    return {"name": found.name} if found else {}


def _page(request: SignedInRequest, index: int, form: StepForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "step_label": STEPS[index].label,
        "steps": LABELS,
        "number": index + 1,
    }
    return render(request, f"causes/start_{NAMES[index]}.html", context, status=status)


def _keep(request: SignedInRequest, index: int) -> HttpResponse:
    go = request.POST.get("go")
    if go == "discard":
        drafts.discard(author=request.user)
        messages.info(request, _("Your draft is thrown away."))
        return redirect("causes:list")
    form = STEPS[index].sent(request.POST)
    drafts.save_step(author=request.user, step=NAMES[index], typed=form.typed())
    if go == "back":
        return redirect(_address(index - 1))
    if go == "add" and isinstance(form, RowsFormSet):
        rows = min(len(form.forms) + 1, MOST_ROWS)
        return redirect(f"{_address(index)}?rows={rows}#row-{rows}")
    if not form.is_valid():
        return _page(request, index, form, status=INVALID)
    return redirect(_address(index + 1))


def _address(index: int) -> str:
    """Where the step of this number lives; after the last comes the preview."""
    if index <= 0:
        return reverse("causes:start")
    if index >= len(STEPS):
        return reverse("causes:preview")
    return reverse("causes:step", args=[NAMES[index]])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: SignedInRequest) -> HttpResponse:
    """Show the cause as it will be, beside similar ones; publish it."""
    draft = drafts.draft_of(request.user)
    answers = Answers.of(draft)
    if wrong := answers.first_wrong():
        query = "?check=1" if wrong in draft.steps else ""
        return redirect(_address(NAMES.index(wrong)) + query)
    if request.method == "POST":
        return _publish(request, answers)
    return _show(request, answers)


def _show(request: SignedInRequest, answers: Answers) -> HttpResponse:
    demand, organisation = answers.demand.demand(), answers.organisation.organisation()
    known = organisation_named(organisation["name"])
    context = {
        "demand": demand,
        "organisation": organisation,
        "parties": [(AffectedParty(**row), "") for row in answers.affected.filled()],
        "sources": [(Source(**row), "") for row in answers.sources.filled()],
        "similar": similar_causes(ask=demand.ask, organisation=known),
        "steps": LABELS,
        "number": len(LABELS),
    }
    return render(request, "causes/start_preview.html", context)


def _publish(request: SignedInRequest, answers: Answers) -> HttpResponse:
    try:
        cause = _published(request.user, answers)
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


def _published(author: User, answers: Answers) -> Cause:
    return drafts.publish_draft(
        author=author,
        organisation=answers.organisation.organisation(),
        demand=answers.demand.demand(),
        parties=answers.affected.parties(),
        sources=answers.sources.references(),
    )
