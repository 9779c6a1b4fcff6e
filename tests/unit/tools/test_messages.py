from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tools import messages

PAGE = """{% load i18n %}
<h1>{% translate "Public log" %}</h1>
  <p>{% blocktranslate count n=n trimmed %}
    {{ n }} vote <b>for</b>
  {% plural %}
    {{ n }} votes <b>for</b>
  {% endblocktranslate %}</p>
{% include "x.html" with title=_("A title") only %}
{% translate "May" context "month" %}
"""
CODE = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
NAME = _("Cause of %(name)s")
ngettext("%d line", "%d lines", 2)
pgettext("verb", "vote")
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(PAGE)
    (tmp_path / "code.py").write_text(CODE)
    messages.update(tmp_path)
    messages.compile_all(tmp_path)
    return tmp_path


def french(source: Path) -> list[str]:
    return list(messages.faults("fr", messages.source_messages(source), source))


def translate(source: Path, language: str, **changed: str) -> None:
    """Translate each text as itself, or as `changed` says for the text that begins so."""
    path = messages.catalogue_path(language, source)
    catalog = messages.load(path)
    for message in messages.messages_of(catalog):
        ids = messages.forms(message.id)
        word = next((changed[start] for start in changed if ids[0].startswith(start)), None)
        strings = tuple(word if word is not None else text for text in ids)
        message.string = strings if message.pluralizable else strings[0]
    path.write_bytes(messages.po_bytes(messages.updated(language, catalog, catalog)))
    path.with_suffix(".mo").write_bytes(messages.mo_bytes(messages.load(path), language))


def test_templates_and_code_are_read(source: Path) -> None:
    found = {messages.key(m) for m in messages.messages_of(messages.source_messages(source))}
    assert found == {
        (None, ("%(n)s vote <b>for</b>", "%(n)s votes <b>for</b>")),
        (None, ("%d line", "%d lines")),
        (None, ("A title",)),
        (None, ("Cause of %(name)s",)),
        (None, ("Public log",)),
        ("month", ("May",)),
        ("verb", ("vote",)),
    }


def test_complete_catalogue_has_no_fault(source: Path) -> None:
    translate(source, "fr")
    assert french(source) == []


def test_every_untranslated_text_is_named(source: Path) -> None:
    assert sum(fault.endswith("is not translated") for fault in french(source)) == 7


@pytest.mark.parametrize(
    "text, translation, fault",
    [
        ("Cause", "Cause de %(nom)s", "has other placeholders than the English text"),
        ("Cause", "Cause", "has other placeholders than the English text"),
        ("%(n)s", "%(n)s voix <i>pour</i>", "has other HTML tags than the English text"),
        ("Public", "", "is not translated"),
    ],
)
def test_wrong_translation_is_named(source: Path, text: str, translation: str, fault: str) -> None:
    translate(source, "fr", **{text: translation})
    assert [found.partition("' ")[2] for found in french(source)] == [fault]


def test_a_percentage_is_no_placeholder() -> None:
    english, french = "62 % for the demand", "62 % pour la demande"
    assert messages.marks(messages.PLACEHOLDER, english + french) == {}


def test_new_and_dropped_texts_are_named(source: Path) -> None:
    translate(source, "fr")
    (source / "code.py").write_text(CODE.replace("Cause of", "Origin of"))
    assert french(source) == [
        "fr: 'Origin of %(name)s' is missing (tools/messages.py update)",
        "fr: 'Cause of %(name)s' is used nowhere (tools/messages.py update)",
    ]


def test_update_keeps_what_is_translated_and_changes_nothing_twice(source: Path) -> None:
    translate(source, "fr", Public="Journal public")
    path = messages.catalogue_path("fr", source)
    before = path.read_bytes()
    messages.update(source)
    assert path.read_bytes() == before
    assert "Journal public" in before.decode()


def test_override_of_a_package_is_kept_and_anything_else_unused_is_not() -> None:
    old = Catalog()
    old.add("January", "gennaio")
    old.add("A text that no package has", "Un testo")
    italian = messages.updated("it", Catalog(), old)
    assert [(m.id, m.string) for m in messages.messages_of(italian)] == [("January", "gennaio")]


def test_stale_compiled_file_is_named(source: Path) -> None:
    translate(source, "fr")
    path = messages.catalogue_path("fr", source)
    path.write_bytes(path.read_bytes().replace(b'msgstr "Public log"', b'msgstr "Journal"'))
    assert french(source) == [
        "fr: django.mo is not what django.po says (tools/messages.py compile)"
    ]


def test_fuzzy_text_is_named(source: Path) -> None:
    translate(source, "fr")
    path = messages.catalogue_path("fr", source)
    path.write_bytes(path.read_bytes().replace(b'msgid "May"', b'#, fuzzy\nmsgid "May"'))
    assert "fr: 'May' is marked as fuzzy" in french(source)


def test_german_is_swiss_in_ours_and_in_what_we_use(source: Path) -> None:
    translate(source, "de", Public="Großes Log")
    found = list(messages.faults("de", messages.source_messages(source), source))
    assert found == ["de: 'Public log' has an ß; Swiss German writes ss"]
    foreign = list(messages.foreign_with_sharp_s())
    assert len(foreign) > 10
    german = messages.updated("de", Catalog(), Catalog())
    assert german["Close"].string == "Schliessen"
