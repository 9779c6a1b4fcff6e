"""A PostgreSQL of our own, in a folder of its own, on its own socket; nothing else is touched."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.needs import missing


@dataclass(frozen=True)
class Cluster:
    folder: Path

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def create(self, database: str, template: str = "template1") -> str:
        """Make a database, or copy one; return its address."""
        command = ["psql", "-X", "-q", "-h", str(self.folder), "-U", "postgres", "-d", "postgres"]
        create = f"CREATE DATABASE {database} TEMPLATE {template}"
        subprocess.run([*command, "-c", create], check=True)
        return self.url(database)

    def restart(self, mode: str) -> None:
        """Restart the server under its clients: `fast` cuts them off, `immediate` is a crash."""
        control(self.folder, "restart", "-w", "-m", mode, "-l", str(self.folder / "log"))


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A running server. Its data need not outlive the machine, so it does not wait for the disk."""
    if not programs():
        missing("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="stimme-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    try:
        control(folder, "initdb", "-o", "-A trust -U postgres -N -E UTF8 --locale=C.UTF-8")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=50"
        control(folder, "start", "-w", "-l", str(folder / "log"), "-o", options)
        try:
            yield Cluster(folder)
        finally:
            control(folder, "stop", "-w", "-m", "immediate")
    finally:
        shutil.rmtree(folder)


def programs() -> list[Path]:
    """Every pg_ctl there is, the newest last; Debian has none of them on the PATH."""
    return sorted(
        Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3])
    )


def control(folder: Path, *arguments: str) -> None:
    command = [str(programs()[-1]), "-s", "-D", str(folder / "data"), *arguments]
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        command = ["runuser", "-u", "postgres", "--", *command]
    subprocess.run(
        command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True
    )
