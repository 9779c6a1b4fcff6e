"""The command line: one module a command, imported only when it is called."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from stimme import __version__, keys

if TYPE_CHECKING:
    from stimme.config import Config

# Name -> what it does. The module of `restore-log` is `restore_log`, of `import` `imports`.
COMMANDS = {
    "demo": "a seeded demo on this machine",
    "serve": "serve this instance and seal its log",
    "door": "take votes and hand other requests on to the pages",
    "pages": "serve the pages to the door",
    "sealer": "seal what is due, again and again, and look whether everything holds",
    "setup": "migrate the database and collect the static files",
    "staff": "say who may moderate and record",
    "notices": "mail what became of causes to those who voted on them",
    "seal": "seal the pending lines of the log",
    "audit": "recompute every tally from a public log",
    "verify": "check a proof or a promise",
    "import": "import votes from files",
    "restore-log": "take lines that the database lost from the published log",
}
_MODULES = {"restore-log": "restore_log", "import": "imports"}


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status; other names are Django's commands."""
    name = arguments[0] if arguments else "--help"
    if name in {"--help", "-h"}:
        print(_overview())
        return 0
    if name == "--version":
        print(f"stimme {__version__}")
        return 0
    return _run_own(name, arguments[1:]) if name in COMMANDS else _run_django(arguments)


def _overview() -> str:
    lines = [f"  {name:<12} {purpose}" for name, purpose in COMMANDS.items()]
    return "\n".join(
        [
            "usage: stimme COMMAND [--help]",
            "",
            *lines,
            "",
            "Any other name is a command of Django: createsuperuser, shell, dbshell, …",
        ]
    )


def _run_own(name: str, arguments: Sequence[str]) -> int:
    command, parser = command_of(name)
    options = parser.parse_args(arguments)
    try:
        return command.run(options) or 0
    except BrokenPipeError:  # the reader, `head` for example, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if _is_of_database(error):
            raise SystemExit(
                f"stimme: the database does not answer as it should: {error}"
            ) from None
        raise


def _is_of_database(error: Exception) -> bool:
    """Whether the database is out of reach, locked or broken; the audit loads none."""
    database = sys.modules.get("django.db")
    return database is not None and isinstance(error, database.OperationalError)


def command_of(name: str) -> tuple[ModuleType, argparse.ArgumentParser]:
    """Return the module of one of COMMANDS, and the arguments it takes."""
    command = import_module(f"stimme.cli.{_MODULES.get(name, name)}")
    parser = argparse.ArgumentParser(prog=f"stimme {name}", description=COMMANDS[name])
    command.add_arguments(parser)
    return command, parser


def _run_django(arguments: Sequence[str]) -> int:
    load_instance(keys.PAGES)
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    # Django leaves out what reads the database unless it is asked for.
    every = ["--database", "default"] if list(arguments[:1]) == ["check"] else []
    execute_from_command_line(["stimme", *arguments, *every])
    return 0


def load_instance(needed: Sequence[str] = keys.NAMES) -> None:
    """Make models and services importable; the audit runs without.

    Ends the program with one sentence when a STIMME_… variable is wrong, the home
    directory cannot be used, or a key that is `needed` is lost or somebody else's.
    """
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stimme.settings")
    with in_one_sentence():
        django.setup()
        from django.conf import settings  # noqa: PLC0415

        _need_keys(settings.STIMME, needed)


def load_config(needed: Sequence[str]) -> "Config":
    """The settings of the instance, for what runs without Django; ends as above."""
    with in_one_sentence():
        from stimme import config  # noqa: PLC0415

        found = config.load()
        _need_keys(found, needed)
    return found


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """End the program with one sentence when the instance cannot be loaded."""
    try:
        yield
    except ValueError as error:
        raise SystemExit(f"stimme: {_sentence(error)}") from error
    except OSError as error:
        raise SystemExit(f"stimme: STIMME_HOME cannot be used: {error}") from error


def _need_keys(config: "Config", needed: Sequence[str]) -> None:
    for name in needed:
        keys.load(config.keys_dir, name)


def _sentence(error: ValueError) -> str:
    from pydantic import ValidationError  # noqa: PLC0415

    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    variable = f"STIMME_{'_'.join(map(str, first['loc'])).upper()}: " if first["loc"] else ""
    return f"{variable}{first['msg'].removeprefix('Value error, ')}"
