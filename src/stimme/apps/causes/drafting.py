"""The steps of starting a cause: which form each has, and what of a draft they accept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from stimme.apps.causes.forms import (
    MOST_ROWS,
    DemandForm,
    OrganisationForm,
    PartyFormSet,
    SourceFormSet,
    data_of,
)
from stimme.apps.causes.models import Draft

StepForm = OrganisationForm | DemandForm | PartyFormSet | SourceFormSet


@dataclass(frozen=True, slots=True)
class FormStep:
    """A step with one form. It is made from a request, from a draft to check, or to type on."""

    name: str
    label: str | Promise
    form: type[OrganisationForm | DemandForm]

    def sent(self, data: QueryDict) -> StepForm:
        return self.form(data)

    def again(self, typed: Mapping[str, str] | None) -> StepForm:
        return self.form(typed or {})

    def fresh(self, typed: Mapping[str, str] | None, _rows: int) -> StepForm:
        return self.form(initial=dict(typed or {}))


@dataclass(frozen=True, slots=True)
class RowsStep:
    """A step with equal rows; at first it shows `rows` of them."""

    name: str
    label: str | Promise
    form: type[PartyFormSet | SourceFormSet]
    rows: int

    def sent(self, data: QueryDict) -> StepForm:
        return self.form(data)

    def again(self, typed: Sequence[Mapping[str, str]] | None) -> StepForm:
        return self.form(data_of(typed or []))

    def fresh(self, typed: Sequence[Mapping[str, str]] | None, rows: int) -> StepForm:
        typed = typed or []
        form = self.form(initial=typed)
        form.extra = min(max(rows, self.rows, len(typed)), MOST_ROWS) - len(typed)
        return form


STEPS = (
    FormStep("organisation", pgettext_lazy("step", "Organisation"), OrganisationForm),
    FormStep("demand", pgettext_lazy("step", "Demand"), DemandForm),
    RowsStep("affected", pgettext_lazy("step", "Affected"), PartyFormSet, rows=4),
    RowsStep("sources", pgettext_lazy("step", "Sources"), SourceFormSet, rows=2),
)
NAMES = [step.name for step in STEPS]
LABELS = [*(step.label for step in STEPS), pgettext_lazy("step", "Preview")]


@dataclass(frozen=True, slots=True)
class Answers:
    """The forms of all steps, bound to what a draft kept."""

    organisation: OrganisationForm
    demand: DemandForm
    affected: PartyFormSet
    sources: SourceFormSet

    @classmethod
    def of(cls, draft: Draft) -> "Answers":
        typed = draft.steps
        return cls(
            organisation=OrganisationForm(typed.get("organisation", {})),
            demand=DemandForm(typed.get("demand", {})),
            affected=PartyFormSet(data_of(typed.get("affected", []))),
            sources=SourceFormSet(data_of(typed.get("sources", []))),
        )

    def first_wrong(self) -> str | None:
        """Return the name of the first step that does not hold, or None."""
        return next((name for name in NAMES if not getattr(self, name).is_valid()), None)
