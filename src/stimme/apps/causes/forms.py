"""The only doors for what people type about causes."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinLengthValidator, URLValidator
from django.forms.renderers import get_default_renderer
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from stimme.apps.causes.models import CauseVersion, Effect
from stimme.apps.causes.selectors import SHOWS
from stimme.apps.causes.services import Demand, Party, Reference, require_loser, require_words
from stimme.apps.organisations.models import Kind, Organisation
from stimme.apps.organisations.selectors import organisation_named, organisations_like
from stimme.apps.organisations.services import NAME_LENGTH, require_name
from stimme.text import refuse_tricks, tidy

Typed = Mapping[str, str]

MOST_ROWS = 8
_SHORTEST_ASK = 12
_LONGEST_ASK = 160
_LONGEST_CHANGE = 1200


class TextField(forms.CharField):
    """Text made uniform, and refused when it reads differently from what it is."""

    default_validators = [refuse_tricks]
    lines = False

    def to_python(self, value: object) -> str:
        return tidy(super().to_python(value) or "", lines=self.lines)


class LinesField(TextField):
    """The same with line breaks."""

    lines = True


class WebAddressField(forms.URLField):
    """An address on the web; Django's own field also takes ftp."""

    default_validators = [URLValidator(["http", "https"]), refuse_tricks]


class SearchForm(forms.Form):
    """Search and filters of the list; what it does not understand it leaves out."""

    q = forms.CharField(max_length=200, required=False)
    show = forms.ChoiceField(choices=SHOWS.items(), required=False)
    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False)

    def wanted(self) -> dict[str, str]:
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}

    def query(self, **changes: str) -> str:
        """The address of this list, or of one that differs in `changes`."""
        return urlencode(
            {key: value for key, value in {**self.wanted(), **changes}.items() if value}
        )

    def states(self) -> list[dict[str, Any]]:
        """Links to the same search among all causes and among those of each state."""
        return self._links("show", {"": pgettext_lazy("causes", "all"), **SHOWS})

    def languages(self) -> list[dict[str, Any]]:
        every = self._links("language", {"": pgettext_lazy("languages", "all")})
        named = self._links("language", dict(settings.LANGUAGES))
        return every + [{**link, "lang": link["key"]} for link in named]

    def _links(self, name: str, choices: Mapping[str, str | Promise]) -> list[dict[str, Any]]:
        chosen = self.wanted()[name]
        return [
            {"key": key, "label": label, "query": self.query(**{name: key}), "here": key == chosen}
            for key, label in choices.items()
        ]


class TypedForm(forms.Form):
    """A step of starting a cause: it can say what was typed, right or wrong."""

    def typed(self) -> dict[str, str]:
        return {name: str(self.data.get(self.add_prefix(name), "")) for name in self.fields}


class OrganisationForm(TypedForm):
    name = TextField(
        label=gettext_lazy("Who should decide?"),
        help_text=gettext_lazy("The company, authority, club or employer that can grant it."),
        max_length=NAME_LENGTH,
        validators=[require_name],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What kind of organisation is it?"),
        help_text=gettext_lazy("Only needed when the organisation is new here."),
        choices=Kind.choices,
        initial=Kind.OTHER,
    )
    website = WebAddressField(
        label=gettext_lazy("Its website"),
        max_length=200,
        required=False,
        assume_scheme="https",
    )
    NEW = "+"  # no slug has it
    field_order = ["name", "known"]

    def __init__(self, data: Typed | None = None, *, initial: Typed | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}))
        name = tidy((data or initial or {}).get("name", ""))
        self.like = self._like(name)
        if self.like:
            self._ask_which(name)

    def _ask_which(self, name: str) -> None:
        new = (self.NEW, _("No, add “%(name)s”") % {"name": name})
        known = [(organisation.slug, organisation.name) for organisation in self.like]
        self.fields["known"] = forms.ChoiceField(
            label=_("Is it one of these?"),
            choices=[*known, new],
            required=False,
            widget=forms.RadioSelect,
        )
        self.order_fields(self.field_order)

    @staticmethod
    def _like(name: str) -> list[Organisation]:
        if not name or len(name) > NAME_LENGTH or organisation_named(name):
            return []
        return organisations_like(name)

    def clean(self) -> dict[str, Any]:
        if self.like and not self.cleaned_data.get("known") and "name" in self.cleaned_data:
            self.add_error("known", _("Choose one, or say that yours is another."))
        return self.cleaned_data

    def organisation(self) -> dict[str, str]:
        """Name, kind and website for the service; those of a known one where one was chosen."""
        chosen = self.cleaned_data.get("known")
        for organisation in self.like:
            if organisation.slug == chosen:
                return {"name": organisation.name}
        return {name: self.cleaned_data[name] for name in ("name", "kind", "website")}


def _ask() -> TextField:
    return TextField(
        label=gettext_lazy("Your demand, in one clear sentence"),
        help_text=gettext_lazy(
            "Say what the organisation should do, so that one can be for or against it. Good:"
            " “Open the swimming pool on Sundays” or “Answer complaints within ten days”."
            " Not: “Better service!”"
        ),
        max_length=_LONGEST_ASK,
        validators=[MinLengthValidator(_SHORTEST_ASK), require_words],
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _what_changes() -> LinesField:
    return LinesField(
        label=gettext_lazy("What would change?"),
        help_text=gettext_lazy("If it is granted: what is different then, from when, for whom?"),
        max_length=_LONGEST_CHANGE,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class DemandForm(TypedForm):
    ask = _ask()
    what_changes = _what_changes()
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the demand"),
        choices=settings.LANGUAGES,
        initial=get_language,
    )

    def demand(self) -> Demand:
        return Demand(**self.cleaned_data)


class RevisionForm(forms.Form):
    """Another wording of the same demand, in the same language."""

    ask = _ask()
    what_changes = _what_changes()

    def __init__(
        self, data: Typed | None = None, *, current: CauseVersion, initial: Typed | None = None
    ) -> None:
        self.current = current
        text = {"ask": current.ask, "what_changes": current.what_changes}
        super().__init__(data, initial=dict(initial or text))

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data == {
            "ask": self.current.ask,
            "what_changes": self.current.what_changes,
        }:
            raise ValidationError(_("This is the wording that is there already."), "unchanged")
        return self.cleaned_data

    def demand(self) -> Demand:
        return Demand(language=self.current.language, **self.cleaned_data)


class PartyForm(TypedForm):
    name = TextField(
        label=gettext_lazy("Who"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    effect = forms.ChoiceField(
        label=pgettext_lazy("column", "Effect"),
        choices=[("", gettext_lazy("Choose")), *Effect.choices],
    )
    how = TextField(
        label=gettext_lazy("How"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class SourceForm(TypedForm):
    title = TextField(label=gettext_lazy("What can be read there"), max_length=160)
    url = WebAddressField(
        label=gettext_lazy("Address"),
        max_length=500,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )


class RowsFormSet(forms.BaseFormSet):
    """Rows of a step; empty ones are left out."""

    extra = min_num = 0
    max_num = absolute_max = MOST_ROWS
    validate_max = True
    validate_min = can_order = can_delete = can_delete_extra = edit_only = False
    renderer = get_default_renderer()

    def typed(self) -> list[dict[str, str]]:
        rows = [form.typed() for form in self.forms]
        return [row for row in rows if any(text.strip() for text in row.values())]

    def filled(self) -> list[dict[str, Any]]:
        return [form.cleaned_data for form in self.forms if form.has_changed()]


class PartyFormSet(RowsFormSet):
    form = PartyForm

    def clean(self) -> None:
        if not any(self.errors):
            require_loser(self.parties())

    def parties(self) -> list[Party]:
        return [Party(**row) for row in self.filled()]


class SourceFormSet(RowsFormSet):
    form = SourceForm

    def references(self) -> list[Reference]:
        return [Reference(**row) for row in self.filled()]


def data_of(rows: Sequence[Typed]) -> QueryDict:
    """What a browser would send for these rows, to check them again later."""
    data = QueryDict(mutable=True)
    data["form-TOTAL_FORMS"], data["form-INITIAL_FORMS"] = str(len(rows)), "0"
    for index, row in enumerate(rows):
        data.update({f"form-{index}-{name}": text for name, text in row.items()})
    return data
