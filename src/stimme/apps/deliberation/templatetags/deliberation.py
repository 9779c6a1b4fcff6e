"""Reasons in the pages of others."""

from typing import TYPE_CHECKING, Any

from django import template

from stimme.apps.deliberation import selectors

if TYPE_CHECKING:
    from stimme.apps.causes.models import Cause

register = template.Library()


@register.inclusion_tag("deliberation/section.html")
def reasons_of(cause: "Cause") -> dict[str, Any]:
    """Return the strongest reasons of each side with the way to all: the same for everybody."""
    return {"cause": cause, "reasons": selectors.reasons(cause.pk)}
