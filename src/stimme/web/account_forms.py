from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Votes(TextChoices):
    WITHDRAW = "withdraw", _("Withdraw all my votes")
    KEEP = "keep", _("Leave them in the count as anonymous numbers")


class LeaveForm(forms.Form):
    votes = forms.ChoiceField(
        label=_("What shall become of your votes?"), choices=Votes.choices, widget=forms.RadioSelect
    )
    sure = forms.BooleanField(label=_("Erase my account. I know that nobody can bring it back."))
