"""A picture of a question to share, 1200 by 630: SVG with the fonts of whoever looks at it."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from stimme.apps.ballot.choices import Choice
from stimme.apps.causes.models import State
from stimme.apps.ledger.selectors import Entry

_WIDTH = 1040  # pixels for text
_LONGEST_NAME = 48  # letters that fit on a line of their own
_TOP = 165  # of the first line of the demand
# Sizes of the demand in pixels, the largest that fits first, and how many lines fit.
_SIZES = ((72, 4), (58, 5), (46, 6))
_LEADING = 1.22
# Widths in parts of the size, rather too wide than too narrow: the font is not known.
_NARROW, _WIDE = frozenset("iljftr.,:;!'|()[] "), frozenset("mwMWQO@%—")
_NARROW_WIDTH, _USUAL_WIDTH, _CAPITAL_WIDTH, _WIDE_WIDTH, _FULL_WIDTH = 0.34, 0.55, 0.7, 0.88, 1.05


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text and where its letters stand, in pixels from the top."""

    text: str
    y: int


def card_of(entry: Entry, *, with_choice: bool) -> str:
    """Return the picture: the question and its state, and the voter's choice only if asked for."""
    size, lines = _fitted(entry.version.ask)
    context = {
        "size": size,
        "lines": lines,
        "language": entry.version.language,
        "ask": entry.version.ask,
        "asked": _asked_of(entry.version.cause.organisation.name),
        "state": state_of(entry),
        "choice": _choice(entry.receipt.choice) if with_choice else "",
        "site": f"{settings.STIMME.name} · {settings.STIMME.address.netloc}",
    }
    return render_to_string("ledger/card.svg", context)


def state_of(entry: Entry) -> str:
    """Where the demand stands, in words that say nothing of anybody's vote."""
    if entry.decision:
        return entry.decision.result_label
    if entry.version.cause.state == State.OPEN:
        return _("open for votes")
    return _("closed without a decision")


def _asked_of(name: str) -> str:
    return _("asked of %(name)s") % {"name": Truncator(name).chars(_LONGEST_NAME)}


def _choice(choice: Choice) -> str:
    return {
        Choice.FOR: _("I voted for it"),
        Choice.AGAINST: _("I voted against it"),
        Choice.WITHDRAWN: _("I withdrew my vote"),
    }[choice]


def _fitted(text: str) -> tuple[int, list[Line]]:
    for size, most in _SIZES:
        texts = list(_wrapped(text, _WIDTH / size))
        if len(texts) <= most:
            return size, _placed(texts, size)
    return size, _placed([*texts[: most - 1], texts[most - 1] + "…"], size)


def _placed(texts: list[str], size: int) -> list[Line]:
    return [Line(text, round(_TOP + size * (1 + _LEADING * row))) for row, text in enumerate(texts)]


def _wrapped(text: str, room: float) -> Iterator[str]:
    """Yield lines that are at most as wide as `room`, in parts of the size."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if _width(longer) <= room:
            line = longer
            continue
        if line:
            yield line
        *whole, line = _pieces(word, room)
        yield from whole
    yield line


def _pieces(word: str, room: float) -> list[str]:
    """A word that is longer than a line is broken where the line ends."""
    pieces = [""]
    for letter in word:
        if _width(pieces[-1] + letter) > room:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _width(text: str) -> float:
    return sum(map(_letter_width, text))


def _letter_width(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return _FULL_WIDTH
    if letter in _NARROW:
        return _NARROW_WIDTH
    if letter in _WIDE:
        return _WIDE_WIDTH
    return _CAPITAL_WIDTH if letter.isupper() else _USUAL_WIDTH
