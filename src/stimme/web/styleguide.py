"""A page that shows every component, for those who build pages. Never linked from the site."""

from datetime import UTC, datetime

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from stimme.web.templatetags.ui import STATES

MOMENT = datetime(2026, 11, 14, 13, 5, tzinfo=UTC)


class SpecimenForm(forms.Form):
    demand = forms.CharField(
        label=_("Your demand, in one clear sentence"),
        help_text=_("Say what the organisation should do, not what it is."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=140,
    )
    organisation = forms.CharField(label=_("Organisation"), help_text=_("Whoever can decide it."))
    role = forms.ChoiceField(
        label=_("How does it touch you?"),
        choices=[
            ("pay", _("I pay for it")),
            ("work", _("I work there")),
            ("none", _("Not at all")),
        ],
        widget=forms.RadioSelect,
    )
    source = forms.URLField(label=_("Source"), required=False, assume_scheme="https")
    told = forms.BooleanField(label=_("Tell me what comes of it"), required=False)


def styleguide(request: HttpRequest) -> HttpResponse:
    """Render the specimen page; it reads and writes nothing."""
    messages.success(request, _("Your vote is stored."))
    messages.error(request, _("That code has run out. Ask for a new one."))
    context = {
        "form": SpecimenForm(),
        "form_with_errors": SpecimenForm({"organisation": "", "demand": "x" * 141}, prefix="wrong"),
        "page": Paginator(range(90), 10).page(2),
        "moment": MOMENT,
        "states": list(STATES),
        "fronts": ["Open causes", "Waiting longest", "Latest decisions"],
        "steps": [_("Organisation"), _("Demand"), _("Affected"), _("Sources"), _("Preview")],
        "levels": [
            {
                "label": _("e-mail address"),
                "votes_for": 6120,
                "votes_against": 2410,
                "withdrawn": 700,
            },
            {"label": _("passkey"), "votes_for": 1634, "votes_against": 786, "withdrawn": 179},
        ],
        "versions": [
            {"text": _("Version 2, open"), "time": MOMENT, "is_current": True},
            {"text": _("Version 1, closed with 812 votes"), "time": MOMENT, "url": "#versions"},
        ],
    }
    return render(request, "styleguide.html", context)
