"""What may be asked of the public log: a line by its short code, a receipt by its cause."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from stimme.apps.ballot.converters import CidConverter

CODE_LETTERS = 24
_CODE = re.compile(r"[a-z2-7]{24}")


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Short code"),
        help_text=_(
            "24 letters and digits from a receipt. Hyphens, blanks and capitals are ignored."
        ),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_code(self) -> str:
        """Return the code as the log writes it: lower case, in groups of four."""
        letters = re.sub(r"[\W_]", "", self.cleaned_data["code"]).lower()
        if not _CODE.fullmatch(letters):
            raise ValidationError(
                _("A short code has 24 letters a to z or digits 2 to 7. This one has not."), "code"
            )
        return "-".join(letters[at : at + 4] for at in range(0, CODE_LETTERS, 4))


class OwnReceiptForm(forms.Form):
    """Which of one's own receipts to check at once."""

    cid = forms.RegexField(rf"^(?:{CidConverter.regex})\Z")


class ReceiptTextForm(forms.Form):
    """Read by the page itself, in the browser; it is never sent anywhere."""

    use_required_attribute = False  # one of the two is enough

    file = forms.FileField(label=_("Your receipt"), help_text=_("The file you downloaded."))
    text = forms.CharField(
        label=_("Or its text"),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "code"}),
    )


class LineForm(forms.Form):
    """Which line of a cause to show the page of."""

    line = forms.IntegerField(min_value=0)
