#!/usr/bin/env python
"""Message catalogues without system gettext: `tools/messages.py update | compile | check`.

English is the source language. `update` collects what the source marks for translation and keeps
what is translated; nothing is guessed for a new text. A catalogue can also override messages of
Django and allauth: what is added by hand is kept. The German one, being Swiss, has all with ß.
"""

import io
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

SOURCE = Path(__file__).resolve().parent.parent / "src" / "stimme"
LANGUAGES = ("de", "fr", "it")
FOREIGN = ("django", "allauth")
KEYWORDS = {
    name + suffix: arguments
    for name, arguments in {
        "_": None,
        "gettext": None,
        "gettext_noop": None,
        "ngettext": (1, 2),
        "pgettext": ((1, "c"), 2),
        "npgettext": ((1, "c"), 2, 3),
    }.items()
    for suffix in ("", "_lazy")
}
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[#0+-]*\d*(?:\.\d+)?[sdifgxr]|\{\w*\}")
TAG = re.compile(r"</?\w[^>]*>")

Key = tuple[str | None, tuple[str, ...]]  # context; msgid, or msgid and its plural


class Header(Catalog):
    """A catalogue whose header says only what programs need: no dates, so no noise in diffs."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Language", str(self.locale)),
            ("Plural-Forms", self.plural_forms),
        ]


def forms(text: str | Iterable[str] | None) -> tuple[str, ...]:
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def key(message: Message) -> Key:
    return message.context, forms(message.id)


def messages_of(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def python_of(template: str, origin: str) -> str:
    """What Django makes of a template for gettext, in a shape that Python's tokenizer reads."""
    return f"(\n{templatize(template, origin)}\n)"


def source_messages(root: Path = SOURCE) -> Catalog:
    """Every text that the source below `root` marks for translation."""
    found = Catalog()
    for path in sorted(root.rglob("*.*")):
        if path.suffix == ".py":
            text = path.read_text(encoding="utf-8")
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            text = python_of(path.read_text(encoding="utf-8"), str(path))
        else:
            continue
        for _, ids, _, context in extract("python", io.BytesIO(text.encode()), KEYWORDS):
            found.add(ids, context=context)
    return found


def foreign(language: str) -> Iterator[Message]:
    """The messages of the packages we use, as they translate them into `language`."""
    for package in FOREIGN:
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or []) if spec else []:
            for path in sorted(Path(folder).rglob(f"locale/{language}/LC_MESSAGES/django.po")):
                yield from messages_of(load(path))


def foreign_with_sharp_s() -> Iterator[Message]:
    """The German ones that Swiss readers would write with ss."""
    for message in foreign("de"):
        if "ß" in "".join(forms(message.string)) and not message.fuzzy:
            yield message


def overrides(catalog: Catalog, wanted: Catalog) -> Iterator[Message]:
    """What `catalog` says in other words than the packages we use: by hand, so it is kept."""
    ours = {key(message) for message in messages_of(wanted)}
    others = [message for message in messages_of(catalog) if key(message) not in ours]
    theirs = {key(message) for message in foreign("en")} if others else set()
    yield from (message for message in others if key(message) in theirs)


def load(path: Path) -> Catalog:
    if not path.exists():
        return Catalog()
    with path.open("rb") as file:
        return read_po(file, ignore_obsolete=True)


def catalogue_path(language: str, root: Path = SOURCE) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def updated(language: str, wanted: Catalog, old: Catalog) -> Catalog:
    """The catalogue of `language` for the `wanted` texts, with what `old` translates of them."""
    known = {key(message): message.string for message in messages_of(old) if not message.fuzzy}
    catalog = Header(locale=language)
    for message in (*messages_of(wanted), *overrides(old, wanted)):
        catalog.add(message.id, known.get(key(message)), context=message.context)
    for message in foreign_with_sharp_s() if language == "de" else ():
        if catalog.get(forms(message.id)[0], message.context) is None:
            swiss = tuple(form.replace("ß", "ss") for form in forms(message.string))
            string = swiss if message.pluralizable else swiss[0]
            catalog.add(message.id, string, context=message.context)
    return catalog


def po_bytes(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, catalog, width=100, no_location=True, sort_output=True)
    # Babel writes a title with a year above the header entry; ours is the header alone.
    return file.getvalue()[file.getvalue().index(b'msgid ""\n') :]


def mo_bytes(catalog: Catalog, language: str) -> bytes:
    complete = Header(locale=language)
    for message in messages_of(catalog):
        complete.add(message.id, message.string, context=message.context, flags=message.flags)
    file = io.BytesIO()
    write_mo(file, complete)
    return file.getvalue()


def marks(pattern: re.Pattern[str], text: str) -> Counter[str]:
    return Counter(pattern.findall(text.replace("%%", "")))


def faults_of(message: Message, language: str, plurals: int) -> Iterator[str]:
    """What is wrong with one translated message, each in a few words."""
    ids, strings = forms(message.id), forms(message.string)
    if message.fuzzy:
        yield "is marked as fuzzy"
    if not all(strings) or len(strings) != (plurals if message.pluralizable else 1):
        yield "is not translated"
        return
    for name, pattern in (("placeholders", PLACEHOLDER), ("HTML tags", TAG)):
        allowed = [marks(pattern, text) for text in ids]
        # "one vote" may leave the number out; the last form stands for every other number.
        if marks(pattern, strings[-1]) != allowed[-1] or any(
            marks(pattern, text) not in allowed for text in strings
        ):
            yield f"has other {name} than the English text"
    if language == "de" and "ß" in "".join(strings):
        yield "has an ß; Swiss German writes ss"


def faults(language: str, wanted: Catalog, root: Path = SOURCE) -> Iterator[str]:
    """Every reason why the catalogue of `language` is not complete, in one line each."""
    path = catalogue_path(language, root)
    catalog = load(path)
    here = {key(message) for message in messages_of(catalog)}
    target = updated(language, wanted, catalog)
    needed = {key(message) for message in messages_of(target)}
    for _, ids in sorted(needed - here, key=str):
        yield f"{language}: {ids[0]!r} is missing (tools/messages.py update)"
    for _, ids in sorted(here - needed, key=str):
        yield f"{language}: {ids[0]!r} is used nowhere (tools/messages.py update)"
    for message in messages_of(catalog):
        for fault in faults_of(message, language, target.num_plurals):
            yield f"{language}: {forms(message.id)[0]!r} {fault}"
    compiled = path.with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != mo_bytes(catalog, language):
        yield f"{language}: django.mo is not what django.po says (tools/messages.py compile)"


def update(root: Path = SOURCE) -> None:
    wanted = source_messages(root)
    for language in LANGUAGES:
        path = catalogue_path(language, root)
        catalog = updated(language, wanted, load(path))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(po_bytes(catalog))
        empty = sum(not all(forms(message.string)) for message in messages_of(catalog))
        print(f"{language}: {len(messages_of(catalog))} messages, {empty} to translate")


def compile_all(root: Path = SOURCE) -> None:
    for language in LANGUAGES:
        path = catalogue_path(language, root)
        path.with_suffix(".mo").write_bytes(mo_bytes(load(path), language))


def check(root: Path = SOURCE) -> int:
    wanted = source_messages(root)
    found = [fault for language in LANGUAGES for fault in faults(language, wanted, root)]
    print("\n".join(found) or f"{len(messages_of(wanted))} texts in {len(LANGUAGES)} languages")
    return 1 if found else 0


def main() -> int:
    match sys.argv[1:]:
        case ["update"]:
            update()
            compile_all()
        case ["compile"]:
            compile_all()
        case ["check"]:
            return check()
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
