"""Staff with the role check sources."""

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from stimme.apps.accounts.decorators import SignedInRequest, staff_required
from stimme.apps.causes.checking import check_source, may_check
from stimme.apps.causes.forms import TextField, WebAddressField
from stimme.apps.causes.models import Source, Verdict
from stimme.apps.causes.selectors import published

INVALID = 422


class CheckForm(forms.Form):
    verdict = forms.ChoiceField(
        label=_("What did you find?"), choices=Verdict.choices, widget=forms.RadioSelect
    )
    note = TextField(
        label=_("In one sentence"),
        help_text=_("Everybody reads it beside the source, and it stays on record."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    evidence = WebAddressField(
        label=_("Where this can be read"),
        help_text=_("Needed where a source is disputed or withdrawn."),
        max_length=500,
        required=False,
        assume_scheme="https",
    )


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Record a check of one source; one that was withdrawn leads on to a correction."""
    if not may_check(request.user):
        raise PermissionDenied
    cause = get_object_or_404(published(), slug=slug)
    source = get_object_or_404(Source.objects.prefetch_related("checks"), pk=pk, cause=cause)
    form = CheckForm(request.POST or None)
    if form.is_valid():
        try:
            found = check_source(by=request.user, source=source, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            withdrawn = found.verdict == Verdict.WITHDRAWN
            return redirect("causes:check_source", slug, pk) if withdrawn else redirect(cause)
    context = {"cause": cause, "source": source, "form": form}
    status = INVALID if form.errors else 200
    return render(request, "causes/check_source.html", context, status=status)
