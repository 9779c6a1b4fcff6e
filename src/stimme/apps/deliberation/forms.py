"""The only door for what people type as reasons."""

from urllib.parse import urlencode

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from stimme.apps.deliberation.models import LONGEST, Side
from stimme.apps.deliberation.services import require_words
from stimme.text import refuse_tricks, tidy


class ReasonField(forms.CharField):
    """A short text made uniform, and refused when it reads differently from what it is."""

    default_validators = [refuse_tricks, require_words]

    def to_python(self, value: object) -> str:
        return tidy(super().to_python(value) or "")


class SourceField(forms.URLField):
    """An address on the web; Django's own field also takes ftp."""

    default_validators = [URLValidator(["http", "https"]), refuse_tricks]


class WordingForm(forms.Form):
    """The words of a reason, and where what it says can be read."""

    text = ReasonField(
        label=_("Your reason"),
        help_text=_(
            "One reason, in one or two sentences, so that somebody of the other side can "
            "understand it. Speak of the matter, not of people."
        ),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    source_url = SourceField(
        label=_("Source"),
        help_text=_("Where everybody can read that what you say is so."),
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )


class StatementForm(WordingForm):
    """The fields are the arguments of `post_statement`."""

    side = forms.ChoiceField(
        label=_("Does it speak for or against the demand?"),
        choices=Side.choices,
        widget=forms.RadioSelect,
    )
    field_order = ("side", "text", "source_url")


class MarkForm(forms.Form):
    """Which wording somebody calls a good reason; 0 takes it back. `page` leads back."""

    mark = forms.IntegerField(min_value=0, max_value=32_767)
    page = forms.IntegerField(min_value=1, required=False)


class ReadingForm(forms.Form):
    """Which page of the reasons, and whether their marks are shown."""

    page = forms.IntegerField(min_value=1, max_value=10_000, required=False)
    count = forms.BooleanField(required=False)

    def number(self) -> int:
        """Return the page asked for, the first for what is no page."""
        self.is_valid()
        return self.cleaned_data.get("page") or 1

    def query(self) -> str:
        """The rest of the address, for the other pages."""
        return urlencode({"count": 1} if self.cleaned_data["count"] else {})
