from typing import ClassVar

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from stimme.apps.ballot.choices import Choice
from stimme.apps.causes.models import Cause
from stimme.apps.causes.selectors import published
from stimme.apps.rooms.codes import read_code
from stimme.apps.rooms.models import Stage


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("The code of the room"),
        help_text=_("Eight letters and digits, such as KMT4-PQ7X."),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_code(self) -> str:
        return read_code(self.cleaned_data["code"])


class VoteForm(forms.Form):
    choice = forms.ChoiceField(choices=[(one, one) for one in (Choice.FOR, Choice.AGAINST)])


class OpenForm(forms.Form):
    cause = forms.ModelChoiceField(Cause.objects.none(), to_field_name="slug")

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        field = self.fields["cause"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = published()


class StepForm(forms.Form):
    """What a facilitator does: bring the room to a stage, close it, or open it again."""

    CLOSE, REOPEN = "close", "reopen"
    _STEPS: ClassVar = [*((str(stage), "") for stage in Stage.values), (CLOSE, ""), (REOPEN, "")]

    step = forms.ChoiceField(choices=_STEPS)
    # From the projector's page one comes back to it.
    back = forms.ChoiceField(choices=[("run", ""), ("screen", "")])
