from django import forms
from django.utils.translation import gettext_lazy as _

from stimme.apps.organisations.models import Keeping, Result


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
    review_on = DayField(
        label=_("When to look at what came of it"),
        help_text=_("A day on which its consequences can be seen. Leave it empty if unknown."),
        required=False,
    )


class CommitmentForm(forms.Form):
    """What an organisation committed itself to: the arguments of `record_commitment`."""

    what = forms.CharField(
        label=_("What did the organisation commit itself to?"),
        help_text=_("As it said it, in one or two sentences. It cannot be changed later."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    due_on = DayField(
        label=_("By when?"),
        help_text=_("On the day after, everybody who voted is asked, unless it is kept by then."),
    )
    how_seen = forms.CharField(
        label=_("How will everybody see that it is kept?"),
        help_text=_("For example: the product is in the shop, the minutes are on the website."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class StatusForm(forms.Form):
    """What became of a commitment: the arguments of `record_status`."""

    status = forms.ChoiceField(
        label=_("What became of it?"),
        choices=[
            (Keeping.KEPT, _("It was kept")),
            (Keeping.BROKEN, _("It was broken")),
            (Keeping.REVISED, _("It was moved to another day")),
            (Keeping.OPEN, _("It is open again: what was recorded last does not hold")),
        ],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("What is known"),
        help_text=_("Facts only. It stands there for good, and what is recorded later beside it."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    evidence_url = forms.URLField(
        label=_("Where everybody can see this"),
        help_text=_("An address that begins with https://. Needed for kept and for broken."),
        required=False,
        max_length=500,
        assume_scheme="https",
    )
    since = DayField(label=_("Since when is it so?"))
    new_due_on = DayField(label=_("The new day, if it was moved"), required=False)
