from django import forms
from django.utils.translation import gettext_lazy as _


class CardForm(forms.Form):
    """Whether a card shows how its voter voted: only where they ask for it."""

    choice = forms.BooleanField(label=_("Also show what I voted"), required=False)

    def with_choice(self) -> bool:
        return self.is_valid() and self.cleaned_data["choice"]

    def query(self) -> str:
        return "?choice=on" if self.with_choice() else ""
