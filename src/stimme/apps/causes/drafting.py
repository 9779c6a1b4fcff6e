"""The steps of starting a cause: which form each has, and what of a draft they accept."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from stimme.apps.causes.forms import (
    MOST_ROWS,
    DemandForm,
    OrganisationForm,
    PartyForm,
    PartyFormSet,
    SourceForm,
    SourceFormSet,
    data_of,
)
from stimme.apps.causes.models import Draft

StepPart = forms.Form | forms.BaseFormSet


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    label: Promise
    form: type
    rows: int = 0  # shown at first, where the step has rows

    def bound(self, data: QueryDict) -> Any:
        """The step's form with what a browser sent."""
        return self.form(data)

    def again(self, typed: Any) -> Any:
        """The step's form, checking what the draft kept."""
        return self.form(data_of(typed or []) if self.rows else (typed or {}))

    def fresh(self, typed: Any, rows: int = 0) -> Any:
        """The step's form for typing, with what the draft kept and room for more."""
        if not self.rows:
            return self.form(initial=typed or None)
        typed = typed or []
        room = min(max(rows, self.rows, len(typed)), MOST_ROWS) - len(typed)
        roomy = type("Roomy", (self.form,), {"extra": room})
        return roomy(initial=typed)


def _rows(form: type[forms.Form], formset: type[forms.BaseFormSet]) -> type[forms.BaseFormSet]:
    return forms.formset_factory(
        form,
        formset=formset,
        extra=0,
        max_num=MOST_ROWS,
        absolute_max=MOST_ROWS,
        validate_max=True,
    )


STEPS = (
    Step("organisation", pgettext_lazy("step", "Organisation"), OrganisationForm),
    Step("demand", pgettext_lazy("step", "Demand"), DemandForm),
    Step("affected", pgettext_lazy("step", "Affected"), _rows(PartyForm, PartyFormSet), rows=4),
    Step("sources", pgettext_lazy("step", "Sources"), _rows(SourceForm, SourceFormSet), rows=2),
)
LABELS = [*(step.label for step in STEPS), pgettext_lazy("step", "Preview")]
BY_NAME = {step.name: step for step in STEPS}


def check(draft: Draft) -> dict[str, Any]:
    """The forms of all steps, bound to what the draft kept."""
    return {step.name: step.again(draft.steps.get(step.name)) for step in STEPS}


def first_wrong(parts: dict[str, Any]) -> str | None:
    return next((name for name, part in parts.items() if not part.is_valid()), None)
