"""SQLite has one writer: a second door is refused once, in one sentence, and ends."""

import subprocess
import sys

from tests.crash.instances import PATIENCE, Instance, answers, free_port, running, until


def refused(instance: Instance, *arguments: str) -> str:
    """What a command says that ends with an error."""
    done = subprocess.run(
        [sys.executable, "-m", "stimme", *arguments],
        env=instance.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    return done.stderr


def test_a_second_door_ends_with_one_sentence(on_sqlite: Instance) -> None:
    database = on_sqlite.home / "stimme.sqlite3"
    with running(on_sqlite.start_door()):
        until(lambda: answers(on_sqlite.port), "the door is open")
        told = refused(on_sqlite, "door", "--port", str(free_port()), "--pages", "/nowhere")
    assert told == (
        f"stimme: Another door writes to {database}. SQLite has one writer: stop the other, "
        "or use PostgreSQL for several.\n"
    )


def test_several_doors_are_refused_before_anything_starts(on_sqlite: Instance) -> None:
    told = refused(on_sqlite, "serve", "--doors", "2")
    assert told == ("stimme: --doors: SQLite has one writer; use PostgreSQL for several doors\n")
