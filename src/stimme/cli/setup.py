"""Bring an instance up to the version of the program: database and static files."""

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path

import stimme
from stimme import keys
from stimme.cli import load_instance


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`stimme setup` takes no arguments."""


def run(_options: argparse.Namespace) -> None:
    load_instance(keys.PAGES)
    prepare(force=True)


def open_instance(needed: Sequence[str] = keys.NAMES) -> None:
    """Load the instance, up to date with the program: what every command on it begins with."""
    load_instance(needed)
    prepare()


def prepare(*, force: bool = False) -> None:
    """Migrate and collect, unless this very program has done so for this home already."""
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    stamp = settings.STIMME.home / ".prepared"
    state = _fingerprint(settings.STIMME.database_url)
    if not force and stamp.exists() and stamp.read_text() == state:
        return
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(state)


def _fingerprint(database_url: str) -> str:
    """Change when a migration, a static file or the database changes."""
    package = Path(stimme.__file__).parent
    watched = sorted([*package.glob("apps/*/migrations/*.py"), *package.glob("*/static/**/*")])
    parts = [f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in watched]
    return hashlib.sha256("\n".join([database_url, *parts]).encode()).hexdigest()
