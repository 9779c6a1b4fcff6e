"""What templates need beside HTML: icons, form fields, navigation links, numbers."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, RadioSelect, Textarea
from django.template import Context
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import pgettext_lazy

register = template.Library()

ICONS = Path(__file__).parent.parent / "static/stimme/icons"
SPACE = "\u00a0"
STATES = {
    "open": ("circle-dot", pgettext_lazy("state", "open")),
    "closed": ("lock", pgettext_lazy("state", "closed")),
    "hidden": ("eye-off", pgettext_lazy("state", "hidden")),
    "superseded": ("history", pgettext_lazy("state", "replaced by a newer version")),
    "simulated": ("flask-conical", pgettext_lazy("state", "simulated votes")),
    "imported": ("import", pgettext_lazy("state", "imported votes")),
    "checked": ("circle-check", pgettext_lazy("state", "checked")),
    "disputed": ("scale", pgettext_lazy("state", "disputed")),
    "withdrawn": ("circle-slash", pgettext_lazy("state", "withdrawn")),
    "committed": ("circle-dot", pgettext_lazy("commitment", "open")),
    "kept": ("check", pgettext_lazy("commitment", "kept")),
    "due": ("clock", pgettext_lazy("commitment", "overdue")),
    "broken": ("x", pgettext_lazy("commitment", "broken")),
    "promised": ("hourglass", pgettext_lazy("state", "promised")),
    "sealed": ("badge-check", pgettext_lazy("state", "sealed")),
}


@cache
def drawing(name: str) -> SafeString:
    """Return what is inside the vendored <svg>.

    Raises FileNotFoundError when tools/vendor.py does not list the icon.
    """
    source = (ICONS / f"{name}.svg").read_text(encoding="utf-8")
    inner = re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", source, flags=re.DOTALL)
    return mark_safe(re.sub(r"\s*\n\s*", "", inner))  # noqa: S308 (our own file, pinned by hash)


@register.simple_tag
def icon(name: str, looks: str = "") -> SafeString:
    """Return the icon as inline SVG in the colour of the text; it is silent for screen readers."""
    classes = f"icon {looks}".strip()
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', classes, drawing(name)
    )


@register.simple_tag
def state(name: str) -> SafeString:
    """Return the label of a state, a key of STATES: icon, word and frame, never colour alone."""
    drawn, label = STATES[name]
    return format_html('<span class="state state-{}">{}{}</span>', name, icon(drawn), label)


@register.simple_tag(takes_context=True)
def nav_link(context: Context, view_name: str, label: str) -> SafeString:
    """Return a list item with a link, marked when it leads to the page that is shown."""
    match = getattr(context.get("request"), "resolver_match", None)
    here = match is not None and match.view_name == view_name
    current = mark_safe(' aria-current="page"') if here else ""
    return format_html('<li><a href="{}"{}>{}</a></li>', reverse(view_name), current, label)


@register.filter
def number(value: float, places: int = 0) -> str:
    """Return 7754 as “7 754”: a space reads the same in every language of the site."""
    text = number_format(round(value, places), places, use_l10n=True, force_grouping=False)
    digits = re.match(r"-?\d+", text)
    grouped = f"{int(digits[0]):,}".replace(",", SPACE) if digits else ""
    return grouped + text[digits.end() :] if digits else text


@register.filter
def share(part: float, whole: float) -> str:
    """Return the part in per cent of the whole, with one decimal; of nothing it is a dash."""
    return f"{number(100 * part / whole, 1)}\u00a0%" if whole else "–"


@register.filter
def width(part: float, whole: float) -> str:
    """Return the part of the whole as the width of a bar, in the notation of SVG."""
    return f"{100 * part / whole:.2f}%" if whole else "0"


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, looks: str = "") -> dict[str, Any]:
    """Return one labelled field with hint and errors, tied together for screen readers.

    Works with the fields of any Django form. A group (radio buttons) becomes a fieldset, and a
    textarea with a limit says how long the text may be.
    """
    widget = bound.field.widget
    limit = widget.attrs.get("maxlength") if isinstance(widget, Textarea) else None
    return {
        "field": bound,
        "looks": looks,
        "limit": limit,
        "is_hidden": bound.is_hidden,
        "is_box": isinstance(widget, CheckboxInput),
        "is_cards": isinstance(widget, RadioSelect),
        "is_group": widget.use_fieldset,
        "control": control(bound, limit),
    }


def control(bound: BoundField, limit: str | int | None) -> SafeString:
    """Return the widget, described by its hint, its error and its limit, in that order."""
    if not limit:
        return bound.as_widget()
    parts = [bound.aria_describedby, f"{bound.auto_id}_limit"]
    described = " ".join(part for part in parts if part)
    return bound.as_widget(attrs={"aria-describedby": described, "data-limit": str(limit)})
