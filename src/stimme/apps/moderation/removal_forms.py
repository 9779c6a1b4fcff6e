"""What staff with the role fill in to annul votes, or to reinstate them."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from stimme.apps.ballot.entries import pseudonyms_of_codes
from stimme.apps.ballot.reasons import Reason
from stimme.apps.causes.models import Cause, CauseVersion

MOST_LINES = 4000  # with their line breaks they fit into what one request may hold
_P = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")
_CODE = re.compile(r"(?:[a-z2-7]{4}-){5}[a-z2-7]{4}")


class _VotesForm(forms.Form):
    seats = forms.CharField(
        label=_("Votes"),
        help_text=_(
            "One a line: the pseudonym of a seat, or the short code of one of its sealed lines. "
            "At most 4000 lines."
        ),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "code"}),
    )
    note = forms.CharField(
        label=_("What everybody reads about it"),
        help_text=_("How you know, and who asked for it. It stays there."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    # What the preview showed; without it, or with another, a preview comes first.
    confirm = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean_seats(self) -> list[str]:
        """Return pseudonyms and short codes, each once."""
        words = list(dict.fromkeys(self.cleaned_data["seats"].split()))
        if len(words) > MOST_LINES:
            raise ValidationError(
                ngettext(
                    "This is one line; at most %(most)d can be taken at once.",
                    "These are %(number)d lines; at most %(most)d can be taken at once.",
                    len(words),
                ),
                "too_many",
                {"number": len(words), "most": MOST_LINES},
            )
        for word in words:
            if not (_P.fullmatch(word) or _CODE.fullmatch(word)):
                raise ValidationError(
                    _("“%(word)s” is neither a pseudonym nor a short code."),
                    "malformed",
                    {"word": word[:40]},
                )
        return words

    def pseudonyms(self, version: CauseVersion) -> list[str]:
        """The seats meant; what leads to none stays as it is, and is told as unknown."""
        words = self.cleaned_data["seats"]
        found = pseudonyms_of_codes(version.cid, [word for word in words if _CODE.fullmatch(word)])
        return [found.get(word, word) for word in words]


class AnnulForm(_VotesForm):
    version = forms.ModelChoiceField(
        CauseVersion.objects.none(), label=_("Version of the demand"), empty_label=None
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=Reason.choices, widget=forms.RadioSelect)
    field_order = ("version", "seats", "reason", "note", "confirm")

    def __init__(self, cause: Cause, data: Any = None) -> None:  # noqa: ANN401  a QueryDict or None
        super().__init__(data, initial={"version": cause.current})
        field = self.fields["version"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = cause.versions.filter(discarded=False).order_by("-number")


class ReinstateForm(_VotesForm):
    """Without any line, all votes of the removal are meant."""

    def __init__(self, data: Any = None) -> None:  # noqa: ANN401  a QueryDict or None
        super().__init__(data)
        self.fields["seats"].required = False
        self.fields["seats"].help_text = _(
            "Leave it empty for all of them. Or one a line: a pseudonym, or the short code of a "
            "sealed line."
        )
