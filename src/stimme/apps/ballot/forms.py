from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from stimme.apps.ballot.door.requests import SEEN, seen_of

_MOST_SEQ = 10**9 - 1
_SIGNED = ("seq", "hour", "vk", "sig")


class BallotForm(forms.Form):
    """The door for a vote: sizes are bounded here, meaning is checked by the ballot."""

    paper = forms.CharField(max_length=200)
    choice = forms.CharField(max_length=20)
    # A vote that is bound to the voter's key has all of these, any other none.
    seq = forms.IntegerField(required=False, min_value=0, max_value=_MOST_SEQ)
    hour = forms.CharField(required=False, max_length=14)
    vk = forms.CharField(required=False, max_length=43)
    sig = forms.CharField(required=False, max_length=86)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        present = {name for name in _SIGNED if cleaned.get(name) not in (None, "")}
        if present not in (set(), set(_SIGNED)):
            raise ValidationError("half a signature")
        try:
            cleaned["seen"] = seen_of({name: self.data[name] for name in SEEN & self._given()})
        except ValueError:
            self.add_error("paper", "this is not what a briefing tells")
        return cleaned

    def _given(self) -> set[str]:
        return {name for name, value in self.data.items() if value}
