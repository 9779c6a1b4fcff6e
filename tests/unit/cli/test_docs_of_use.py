"""Every command in docs/use is one that the program takes."""

import argparse
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs/use"
MODULES = {"audit": "audit", "verify": "verify", "import": "imports"}


def parser(name: str) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog=name)
    import_module(f"stimme.cli.{MODULES[name]}").add_arguments(made)
    return made


def help_of(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit):
        parser(words[0]).parse_args([*words[1:], "--help"])
    return capsys.readouterr().out


def commands(page: str) -> list[list[str]]:
    blocks = re.findall(r"^```\n(.*?)^```", (DOCS / page).read_text(), re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("stimme ")]


@pytest.mark.parametrize("page, number", [("check-the-count.md", 6), ("import.md", 3)])
def test_the_commands_shown_are_accepted(page: str, number: int) -> None:
    shown = commands(page)
    for name, *arguments in shown:
        parser(name).parse_args(arguments)
    assert len(shown) == number


@pytest.mark.parametrize(
    "page, helps",
    [
        ("check-the-count.md", [["audit"], ["verify"]]),
        ("import.md", [["import", "votes"], ["import", "polis"]]),
    ],
)
def test_the_options_told_are_in_the_help(
    page: str, helps: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    known = "".join(help_of(capsys, *words) for words in helps)
    told = set(re.findall(r"(?:stimme .*?|`)(--[a-z-]+)", (DOCS / page).read_text()))
    assert {option for option in told if option not in known} == set()
