from django import forms
from django.utils.translation import gettext_lazy as _


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Everybody reads it in the moderation log, and it stays there."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReportForm(forms.Form):
    reason = forms.CharField(
        label=_("What is wrong with it?"),
        help_text=_("Which law or rule it breaks. That it is mistaken is for others to answer."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
