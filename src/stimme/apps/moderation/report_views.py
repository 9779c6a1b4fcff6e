"""Reports of statements: anybody signed in makes them, staff look at them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stimme.apps.accounts.decorators import SignedInRequest, staff_required
from stimme.apps.deliberation.models import Statement
from stimme.apps.moderation import selectors, services
from stimme.apps.moderation.forms import ReportForm
from stimme.apps.moderation.models import Report

PER_PAGE = 30
INVALID = 422
TOO_MANY = 429


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """Ask staff to look at one statement."""
    shown = Statement.objects.filter(hidden=False, withdrawn_at=None, cause__hidden=False)
    statement = get_object_or_404(
        shown.select_related("cause__current"), cause__slug=slug, number=number
    )
    form = ReportForm(request.POST or None)
    if form.is_valid():
        try:
            services.report(by=request.user, statement=statement, **form.cleaned_data)
        except services.TooManyReports:
            return render(request, "429.html", status=TOO_MANY)
        except ValidationError as error:
            form.add_error("reason", error)
        else:
            messages.success(request, _("Thank you. Staff will look at it."))
            return redirect(statement)
    context = {"form": form, "statement": statement}
    status = INVALID if form.errors else 200
    return render(request, "moderation/report.html", context, status=status)


@staff_required
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """Reports that wait, the oldest first."""
    page = Paginator(selectors.open_reports(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "moderation/reports.html", {"page": page})


@staff_required
@require_POST
def dismiss(request: SignedInRequest, pk: int) -> HttpResponse:
    services.dismiss(by=request.user, report=get_object_or_404(Report, pk=pk))
    messages.success(request, _("The report is dismissed."))
    return redirect("moderation:reports")
