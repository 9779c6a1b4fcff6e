"""Whatever a script can say stands in the page that it belongs to."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from stimme.web import verify_sentences
from stimme.web.voting_sentences import ABOUT

SCRIPTS = Path(finders.find("stimme/js/vote.js") or "").parent
TEMPLATES = Path(__file__).parents[3] / "src/stimme/web/templates"
IMPORTED = re.compile(r'from "\./([\w-]+\.js)"')
THROWN = re.compile(r'(?:new Fault|fail)\(\s*"([\w-]+)"')
SAID = re.compile(r'(?:\bsay|\btell)\(\s*"([\w-]+)"|\bcode: "([\w-]+)"|return "([\w-]+)"')
IN_PAGES = re.compile(r'<template\s+data-say="([\w-]+)"')
# What only the check of a whole receipt meets, or only the words that one types.
ELSEWHERE = {"rolled-back", "word-count", "no-word", "words"}


def modules(name: str, known: set[str] | None = None) -> set[str]:
    """The script and all that it imports."""
    found = {name} if known is None else known | {name}
    for one in IMPORTED.findall((SCRIPTS / name).read_text()):
        if one not in found:
            found |= modules(one, found)
    return found


def sayable(name: str) -> set[str]:
    own = (SCRIPTS / name).read_text()
    codes = {code for found in SAID.findall(own) for code in found if code}
    for module in modules(name):
        codes |= set(THROWN.findall((SCRIPTS / module).read_text()))
    return codes


@pytest.mark.parametrize(
    "script, about, page",
    [
        ("vote.js", "voting", "components/voting.html"),
        ("watch.js", "watching", "components/watch.html"),
        ("kept-receipts.js", "watching", "components/watch.html"),
    ],
)
def test_all_that_a_script_can_say_has_words(script: str, about: str, page: str) -> None:
    words = {one.code for one in ABOUT[about]} | set(
        IN_PAGES.findall((TEMPLATES / page).read_text())
    )
    assert sayable(script) - ELSEWHERE - words == set()


def test_no_sentence_is_there_twice() -> None:
    for all_of_them in ABOUT.values():
        codes = [one.code for one in all_of_them]
        assert sorted(set(codes)) == sorted(codes)
    memory = {one.code for one in ABOUT["memory"]}
    others = [*verify_sentences.VERDICTS, *verify_sentences.FAULTS]
    assert memory & {one.code for one in others} == set()
