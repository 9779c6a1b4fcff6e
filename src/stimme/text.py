"""What people type: made uniform, checked for tricks, and put into forms that compare well."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Bidirectional controls and invisible characters: they show one text and store another.
# Allowed: the joiners, which some scripts need, and the selectors that colour an emoji.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_WORD = re.compile(r"\w+")
_LOOKALIKE_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE")


def tidy(text: str, *, lines: bool = False) -> str:
    """Normalise to NFC and collapse white space; with `lines`, line breaks are kept."""
    text = unicodedata.normalize("NFC", text)
    if not lines:
        return " ".join(text.split())
    kept = (" ".join(line.split()) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def refuse_tricks(text: str) -> None:
    """Raise ValidationError when a text would read differently from what it is.

    Refused are invisible and direction-changing characters, other control characters, and
    words that mix scripts whose letters look alike (a Cyrillic letter among Latin ones).
    """
    if _INVISIBLE.search(text) or any(_is_control(character) for character in text):
        raise ValidationError(
            _("This text contains invisible characters. Please type it again."), "invisible"
        )
    for word in _WORD.findall(text):
        if len(_scripts(word)) > 1:
            raise ValidationError(
                _("The word “%(word)s” mixes letters of different alphabets that look alike."),
                "mixed_scripts",
                {"word": word[:40]},
            )


def _is_control(character: str) -> bool:
    return character != "\n" and unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn"}


def _scripts(word: str) -> set[str]:
    names = (unicodedata.name(character, "") for character in word if character.isalpha())
    return {script for name in names for script in _LOOKALIKE_SCRIPTS if name.startswith(script)}


def search_key(text: str) -> str:
    """Lower case without accents, words separated by one space: equal for what reads equal."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in folded if not unicodedata.combining(character))
    return " ".join(_WORD.findall(plain))
