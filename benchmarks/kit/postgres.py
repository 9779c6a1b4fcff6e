"""A PostgreSQL cluster of our own, thrown away afterwards, as durable as one that is kept."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server: `socket` is the directory of its Unix socket, `pid` its postmaster."""

    socket: Path
    pid: int
    database: str = "bench"

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/{self.database}?host={self.socket}"


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Make a cluster, with fsync and synchronous_commit as PostgreSQL has them: on.

    It takes no TCP connections. Raises CalledProcessError, and FileNotFoundError where
    PostgreSQL is not installed.
    """
    folder = Path(tempfile.mkdtemp(prefix="stimme-bench-pg-"))
    data = folder / "data"
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    options = (
        f"-k {folder} -c listen_addresses='' -c max_connections=200 -c client_min_messages=warning"
    )
    _control("initdb", "-D", data, "-o", "-A trust -U postgres -E UTF8 --locale=C.UTF-8")
    try:
        _control("start", "-w", "-D", data, "-l", folder / "log", "-o", options)
        yield _with_database(folder, data)
    finally:
        _control("stop", "-m", "immediate", "-D", data)
        shutil.rmtree(folder)


def _with_database(folder: Path, data: Path) -> Cluster:
    made = Cluster(folder, int((data / "postmaster.pid").read_text().split()[0]))
    sql(made, f"CREATE DATABASE {made.database}", database="postgres")
    return made


def sql(on: Cluster, statement: str, *, database: str = "") -> str:
    """Run one statement with psql, and return what it prints without decoration."""
    connection = ["-h", str(on.socket), "-U", "postgres", "-d", database or on.database]
    return subprocess.run(
        ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *connection, "-c", statement],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.strip()


def _control(*arguments: str | Path) -> None:
    command = [str(_program()), "-s", *map(str, arguments)]
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        command = ["runuser", "-u", "postgres", "--", *command]
    subprocess.run(command, stdout=subprocess.DEVNULL, cwd="/", check=True)


def _program() -> Path:
    """The newest pg_ctl that Debian has, which is not on the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=_version)
    if not found:
        raise FileNotFoundError("pg_ctl: install PostgreSQL (apt install postgresql)")
    return found[-1]


def _version(path: Path) -> int:
    return int(path.parts[-3])
