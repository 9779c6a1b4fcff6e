"""A real instance in a folder of its own: made, filled, served, measured, proven, thrown away."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from .apart import apart
from .load import Address
from .postgres import Cluster
from .processes import (
    DidNotStart,
    arguments_of,
    cpu_seconds,
    family,
    memory_bytes,
    running,
)

T = TypeVar("T")
# Nothing is sealed unless the benchmark says so: a storm and a sealing are measured apart.
_NEVER = 100 * 24 * 3600


class CommandFailed(Exception):
    """The text is the command and what it said."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance with its database; `port` is that of its address."""

    home: Path
    port: int
    environment: dict[str, str]

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def do(self, work: Callable[[ModuleType], T]) -> T:
        """Give `work` the module `inside`, in a process where this instance is loaded.

        Raises Failed.
        """
        return apart(lambda: _loaded(work), self.environment)

    def command(self, *arguments: str) -> str:
        """Run `stimme …` on this instance; return what it prints. Raises CommandFailed."""
        done = subprocess.run(
            [sys.executable, "-m", "stimme", *arguments],
            env=_clean() | self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CommandFailed(f"stimme {' '.join(arguments)}: {done.stderr or done.stdout}")
        return done.stdout

    @contextmanager
    def serving(self, options: Sequence[str] = (), under: Sequence[str] = ()) -> Iterator["Server"]:
        """`stimme serve` while the block runs; `under` is a command to run it with."""
        command = [*under, sys.executable, "-m", "stimme", "serve", *options]
        log, environment = self.home / "serve.log", _clean() | self.environment
        with running(command, port=self.port, log=log, environment=environment) as pid:
            _await_pages(self.host)
            yield Server(pid, ("127.0.0.1", self.port))

    def audit(self) -> dict[str, Any]:
        """Seal all that is pending, and recount the log as an outsider does.

        Raises CommandFailed, for an alarm too.
        """
        self.command("seal")
        report: dict[str, Any] = json.loads(self.command("audit", str(self.home), "--json"))
        return report


@dataclass(frozen=True, slots=True)
class Server:
    """A running `stimme serve`: its first process, and where its door is."""

    pid: int
    address: Address

    def cpu(self) -> float:
        """CPU seconds that all its processes have used so far."""
        return cpu_seconds(self.pid)

    def door_memory(self) -> int:
        """Bytes of RAM of its doors: of each the process that watches, and the one that works."""
        return memory_bytes(pid for pid in family(self.pid) if "door" in arguments_of(pid))


@contextmanager
def instance(
    port: int, on: Cluster | None = None, *, accounts: int = 0, **settings: str
) -> Iterator[Instance]:
    """Make an instance on SQLite or on a cluster, with so many accounts.

    `settings` are further STIMME_… variables, without the prefix.
    """
    home = Path(tempfile.mkdtemp(prefix="stimme-bench-"))
    given = {
        "home": str(home),
        "url": f"http://127.0.0.1:{port}",
        "database_url": on.url if on else "",
        "seal_interval": str(_NEVER),
        "promise_deadline": str(2 * _NEVER),
        "language": "en",
        **settings,
    }
    made = Instance(home, port, {f"STIMME_{name.upper()}": value for name, value in given.items()})
    try:
        made.command("setup")
        made.do(lambda inside: inside.add_accounts(accounts))
        yield made
    finally:
        shutil.rmtree(home)


def _loaded(work: Callable[[ModuleType], T]) -> T:
    from stimme.cli import load_instance  # noqa: PLC0415  # in the process of `do` only

    load_instance()
    return work(import_module(f"{__package__}.inside"))


def _await_pages(host: str, patience: float = 60.0) -> None:
    """The door answers before the pages behind it do. Raises DidNotStart."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        with (
            suppress(OSError, HTTPException),
            closing(HTTPConnection(host, timeout=5)) as connection,
        ):
            connection.request("GET", "/")
            if connection.getresponse().status == HTTPStatus.OK:
                return
        time.sleep(0.1)
    raise DidNotStart(f"{host} serves no pages")


def _answers(host: str) -> bool:
    with suppress(OSError, HTTPException), closing(HTTPConnection(host, timeout=5)) as connection:
        connection.request("GET", "/")
        return connection.getresponse().status == HTTPStatus.OK
    return False


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("STIMME_")}
