"""The commands of docs/operate/backup.md, taken at their word while people vote and join."""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread

import psycopg

from tests.crash.clusters import Cluster
from tests.crash.instances import REPOSITORY, Instance, answers, until
from tests.crash.storms import OK, Storm
from tests.needs import missing

BACKUP = REPOSITORY / "docs" / "operate" / "backup.md"
ALONE = (
    "SELECT count(*) FROM accounts_accountsecret s LEFT JOIN accounts_user u ON u.id = s.user_id "
    "WHERE u.id IS NULL"
)
SECRETS = "SELECT count(*) FROM accounts_accountsecret"
SEATS = "SELECT count(*) FROM ballot_seat"


def commands(heading: str) -> list[str]:
    """The examples below a heading, in their order."""
    section = BACKUP.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^```\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


def shell(command: str, folder: Path, **environment: str) -> None:
    done = subprocess.run(
        ["sh", "-e", "-c", command],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), command


@contextmanager
def crowded(instance: Instance) -> Iterator[None]:
    """People vote and join while the block runs, and have begun to when it begins."""
    storm, door = Storm(instance), instance.start_door()
    joining = Thread(target=instance.inside, args=["join"])
    try:
        until(lambda: answers(instance.port), "the door is open")
        with storm.blowing():
            joining.start()
            until(lambda: storm.statuses.get(OK, 0) > 30, "votes are taken")
            until((instance.home / "joining").exists, "people join")
            yield
        joining.join()
    finally:
        door.end()


def test_postgresql(postgres: Cluster, on_postgres: Instance, tmp_path: Path) -> None:
    backup, restore, *_ = commands("PostgreSQL")
    name = on_postgres.database_url.partition("?")[0].rpartition("/")[2]
    connection = {"PGHOST": str(postgres.folder), "PGUSER": "postgres"}
    with crowded(on_postgres):
        shell(re.sub(r"\bstimme\b(?!\.)", name, backup), tmp_path, **connection)
    owned = restore.replace("--owner stimme stimme", f"--owner postgres {name}_restored")
    shell(owned.replace("=stimme ", f"={name}_restored "), tmp_path, **connection)
    with psycopg.connect(postgres.url(f"{name}_restored")) as restored:
        numbers = [restored.execute(query).fetchone() for query in (ALONE, SECRETS, SEATS)]
    _judge([row[0] for row in numbers if row])


def test_sqlite(on_sqlite: Instance, tmp_path: Path) -> None:
    if not shutil.which("sqlite3"):
        missing("no sqlite3: apt install sqlite3")
    backup, restore = commands("SQLite")
    with crowded(on_sqlite):
        shell(backup, on_sqlite.home)
    shutil.copy(on_sqlite.home / "stimme.backup", tmp_path / "stimme.sqlite3")
    shutil.copy(on_sqlite.home / "secrets.backup", tmp_path)
    shell(restore, tmp_path)
    with closing(sqlite3.connect(tmp_path / "stimme.sqlite3")) as restored:
        _judge([restored.execute(query).fetchone()[0] for query in (ALONE, SECRETS, SEATS)])


def _judge(numbers: list[int]) -> None:
    alone, secrets, seats = numbers
    assert alone == 0
    assert secrets > 0
    assert seats > 0
