"""What somebody fills in who corrects a cause."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stimme.apps.causes.corrections import Fault
from stimme.apps.causes.forms import LinesField, TextField, WebAddressField
from stimme.apps.causes.models import Cause, SaidBy, Source, Wrong
from stimme.apps.causes.services import Reference
from stimme.apps.organisations.staff_forms import DayField

MOST_SOURCES = 3


class CorrectionForm(forms.Form):
    """For authors (`own`) without the question on whose word it rests: it is theirs."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What happened?"), choices=Wrong.choices, widget=forms.RadioSelect
    )
    source = forms.ModelChoiceField(
        Source.objects.none(),
        label=gettext_lazy("Which source was withdrawn?"),
        help_text=gettext_lazy("Only if it is one of the cause’s own."),
        required=False,
        empty_label=gettext_lazy("None of these"),
    )
    what = LinesField(
        label=gettext_lazy("What was wrong, and what is right?"),
        help_text=gettext_lazy(
            "Facts only, so that both sides can read it. Everybody who voted does; it cannot be"
            " changed later."
        ),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    since = DayField(
        label=gettext_lazy("Since when was it wrong?"),
        help_text=gettext_lazy(
            "The day a source was withdrawn, the day from which a false claim stood here, or the"
            " first day of a surge."
        ),
    )
    said_by = forms.ChoiceField(
        label=gettext_lazy("Who says so?"), choices=SaidBy.choices, widget=forms.RadioSelect
    )

    def __init__(self, cause: Cause, data: Any = None, *, own: bool) -> None:  # noqa: ANN401
        super().__init__(data)
        field = self.fields["source"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = cause.sources.filter(hidden=False)
        if own:
            del self.fields["said_by"]
        for number in range(1, MOST_SOURCES + 1):
            self.fields[f"title_{number}"] = _title(number)
            self.fields[f"url_{number}"] = _address(number)

    def clean(self) -> dict[str, Any]:
        for number in range(1, MOST_SOURCES + 1):
            title, url = (self.cleaned_data.get(f"{name}_{number}") for name in ("title", "url"))
            if title and not url and f"url_{number}" not in self.errors:
                self.add_error(f"url_{number}", ValidationError(_("Where can it be read?")))
            if url and not title and f"title_{number}" not in self.errors:
                self.add_error(f"title_{number}", ValidationError(_("What can be read there?")))
        return self.cleaned_data

    def fault(self) -> Fault:
        typed = self.cleaned_data
        pairs = [(typed[f"title_{n}"], typed[f"url_{n}"]) for n in range(1, MOST_SOURCES + 1)]
        return Fault(
            kind=typed["kind"],
            what=typed["what"],
            since=typed["since"],
            said_by=typed.get("said_by", SaidBy.AUTHOR.value),
            sources=[Reference(title, url) for title, url in pairs if url],
            source=typed["source"],
        )


def _title(number: int) -> TextField:
    label = _("Source %(number)d: what can be read there") % {"number": number}
    return TextField(label=label, max_length=160, required=False)


def _address(number: int) -> WebAddressField:
    label = _("Source %(number)d: address") % {"number": number}
    placeholder = forms.URLInput(attrs={"placeholder": "https://"})
    return WebAddressField(
        label=label, max_length=500, required=False, assume_scheme="https", widget=placeholder
    )
