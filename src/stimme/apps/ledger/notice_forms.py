from django import forms
from django.utils.translation import gettext_lazy as _

from stimme.apps.ledger.models import Frequency


class FrequencyForm(forms.Form):
    frequency = forms.ChoiceField(
        label=_("Notices by e-mail"), choices=Frequency.choices, widget=forms.RadioSelect
    )
