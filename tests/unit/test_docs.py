"""The documents are true: what they name exists, and what exists is in them."""

import re
import shlex
from collections.abc import Callable, Iterator
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from stimme import cli
from stimme.apps.ballot import urls as ballot_urls
from stimme.config import Config

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
OPERATE = DOCS / "operate"
ALL = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
OPTION = re.compile(r"--[a-z][a-z-]*")
# The same programs, as the documents call them.
CALLS = {
    "sudo -u stimme stimme ": "stimme ",
    "/opt/stimme/dev ": "./dev ",
    "ExecStart=/opt/stimme/.venv/bin/python -m stimme ": "stimme ",
}
KINDS = {"import": ("votes", "polis")}
# Paths of the machine, and pages that only a demo has.
NOT_SERVED = ("/etc/", "/opt/", "/proc", "/usr/", "/demo/", "/styleguide/")

Help = Callable[..., str]


def text_of(path: Path) -> str:
    """Prose alone: a `#` or a bracket in an example is neither heading nor link."""
    return FENCED.sub("", path.read_text())


def inline() -> Iterator[tuple[str, str]]:
    for path in ALL:
        for code in INLINE.findall(text_of(path)):
            yield path.name, code


def sections(path: Path, level: str) -> dict[str, str]:
    parts = re.split(rf"^{level} (.+)$", path.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture
def help_of(capsys: pytest.CaptureFixture[str]) -> Help:
    def read(*command: str) -> str:
        with pytest.raises(SystemExit):
            cli.run([*command, "--help"])
        return capsys.readouterr().out

    return read


def options_of(name: str, help_of: Help) -> set[str]:
    texts = [help_of(name), *(help_of(name, kind) for kind in KINDS.get(name, ()))]
    return set(re.findall(r"^ +(--[a-z-]+)", "\n".join(texts), re.MULTILINE))


def test_every_setting_has_a_heading_and_its_default() -> None:
    settings = sections(OPERATE / "settings.md", "###")
    told = {name: text.split("\n")[2] for name, text in settings.items()}
    assert told == {f"STIMME_{name.upper()}": _default(name) for name in Config.model_fields}


def _default(name: str) -> str:
    default = Config.model_fields[name].default
    text = str(default).lower() if isinstance(default, bool) else str(default)
    return f"Default: `{text}`" if text else "Default: empty"


def test_every_command_has_a_heading_and_its_options(help_of: Help) -> None:
    own = {f"stimme {name}": options_of(name, help_of) for name in cli.COMMANDS}
    told = {name: _listed(text) for name, text in sections(OPERATE / "commands.md", "##").items()}
    assert told == own


def _listed(section: str) -> set[str]:
    """What the items of a list are about: the options before the colon."""
    items = re.findall(r"^- ([^:]+):", section, re.MULTILINE)
    return set(OPTION.findall(" ".join(items)))


def test_commands_in_examples_can_be_run() -> None:
    blocks = [block for path in ALL for block in FENCED.findall(path.read_text())]
    units = [path.read_text() for path in OPERATE.glob("*.service")]
    for line in "\n".join(blocks + units).splitlines():
        _run_nothing(_plain(line))


def _plain(line: str) -> str:
    for called, plain in CALLS.items():
        line = line.replace(called, plain)
    return line


def _run_nothing(line: str) -> None:
    """Parse a line as the program would; argparse leaves the test when it cannot."""
    words = shlex.split(line) if line.startswith(("stimme ", "./dev ")) else []
    if words[:1] == ["./dev"]:
        assert words[1] in dev_commands(), line
        words = words[1:] if words[1] in {"stimme", *cli.COMMANDS} else []
        words = words[1:] if words[:1] == ["stimme"] else words
    else:
        words = words[1:]
    if words and not words[0].startswith("--"):
        name, *arguments = words
        if name in cli.COMMANDS:
            cli.command_of(name)[1].parse_args(arguments)
        else:
            assert name in get_commands(), line


def dev_commands() -> set[str]:
    loader = SourceFileLoader("dev", str(ROOT / "dev"))
    spec = spec_from_loader("dev", loader)
    assert spec
    dev: Any = module_from_spec(spec)
    loader.exec_module(dev)
    return {line.split()[1] for line in dev.HELP.splitlines()}


def test_commands_in_sentences_exist(help_of: Help) -> None:
    dev = dev_commands()
    for document, code in inline():
        program, name, *rest = [*code.split(), "", ""]
        if program == "./dev" and name.isalpha():
            assert name in dev, (document, code)
        if program == "stimme" and name.islower():
            assert name in {*cli.COMMANDS, *get_commands()}, (document, code)
        if program == "stimme" and name in cli.COMMANDS:
            assert set(OPTION.findall(" ".join(rest))) <= options_of(name, help_of), (
                document,
                code,
            )


def test_every_link_leads_to_a_file_and_a_heading() -> None:
    dead = [
        (path.name, target)
        for path in ALL
        for _, target in LINK.findall(text_of(path))
        if "://" not in target and not _leads(path, target)
    ]
    assert dead == []


def _leads(path: Path, target: str) -> bool:
    file, _, anchor = target.partition("#")
    goal = path.parent / file if file else path
    return goal.exists() and (not anchor or anchor in map(_anchor, HEADING.findall(text_of(goal))))


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-")


def test_every_document_is_in_the_index() -> None:
    index = DOCS / "README.md"
    linked = {
        (DOCS / target.partition("#")[0]).resolve() for _, target in LINK.findall(text_of(index))
    }
    assert set(DOCS.rglob("*.md")) - {index} <= linked


def test_addresses_of_the_site_exist() -> None:
    told = [code for _, code in inline() if re.fullmatch(r"/[\w/.-]+", code)]
    assert [code for code in told if not code.startswith(NOT_SERVED) and not _served(code)] == []


def _served(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def test_every_address_of_log_and_witness_is_told() -> None:
    routes = [str(one.pattern) for one in ballot_urls.urlpatterns]
    public = {f"/{route}" for route in routes if re.fullmatch(r"(log|witness)/[\w-]+", route)}
    assert public <= set(INLINE.findall((OPERATE / "log.md").read_text()))


def test_names_of_the_code_in_the_architecture_exist() -> None:
    names = INLINE.findall(text_of(DOCS / "develop" / "architecture.md"))
    dotted = [name for name in names if re.fullmatch(r"[\w/]+(\.\w+)+", name)]
    assert [name for name in dotted if not (_is_file(name) or _is_in_code(name))] == []


def _is_file(name: str) -> bool:
    return (ROOT / name).is_file() or any(ROOT.glob(f"src/stimme/**/{name}"))


def _is_in_code(name: str) -> bool:
    module, _, last = name.replace(".", "/").rpartition("/")
    files = [
        file
        for end in (".py", "/__init__.py")
        for file in ROOT.glob(f"src/stimme/**/{module}{end}")
    ]
    return any(re.search(rf"\b{last}\b", file.read_text()) for file in files)


def test_tests_that_documents_name_exist() -> None:
    named = [
        (path.parent / target, text)
        for path in ALL
        for text, target in LINK.findall(text_of(path))
        if text.startswith("test_")
    ]
    assert named
    assert [text for file, text in named if f"def {text}(" not in file.read_text()] == []


def test_every_word_of_the_glossary_has_four_languages_and_its_place() -> None:
    rows = re.findall(r"^\| (.+) \|$", (ROOT / "GLOSSARY.md").read_text(), re.MULTILINE)[1:]
    cells = [row.split(" | ") for row in rows if not row.startswith("---")]
    assert {len([cell for cell in row if cell.strip()]) for row in cells} == {5}
    words = [row[0].lower() for row in cells]
    assert words == sorted(words)
