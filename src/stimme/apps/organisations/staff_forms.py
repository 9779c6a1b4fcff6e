from django import forms
from django.utils.translation import gettext_lazy as _

from stimme.apps.organisations.models import Result


def _source() -> forms.URLField:
    return forms.URLField(
        label=_("Source"),
        help_text=_("Where everybody can read it. Leave it empty only if it was said in a letter."),
        required=False,
        max_length=500,
        assume_scheme="https",
    )


class DayField(forms.DateField):
    """A day, picked in the browser's own calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ResponseForm(forms.Form):
    """What an organisation said; the fields are the arguments of `record_response`."""

    text = forms.CharField(
        label=_("The answer, in the organisation’s own words"),
        help_text=_("It stands beside the demand, in the same size, and cannot be changed later."),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    source_url = _source()
    published_on = DayField(label=_("Published on"))


class DecisionForm(forms.Form):
    """What an organisation decided; the fields are the arguments of `record_decision`."""

    result = forms.ChoiceField(
        label=_("What did the organisation decide?"),
        choices=Result.choices,
        widget=forms.RadioSelect,
    )
    summary = forms.CharField(
        label=_("The decision in a few sentences"),
        help_text=_("Neutral, and so that both sides recognise it. It cannot be changed later."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    source_url = _source()
    decided_on = DayField(label=_("Decided on"))
