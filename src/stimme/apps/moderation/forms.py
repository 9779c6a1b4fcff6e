from django import forms
from django.utils.translation import gettext_lazy as _


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Everybody reads it in the moderation log, and it stays there."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
