"""An instance in a folder of its own, with real processes that can be killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from stimme import keys
from stimme.engines.translog import Signer, cause_id

REPOSITORY = Path(__file__).resolve().parent.parent.parent
ROUNDS = int(os.environ.get("STIMME_CRASH_ROUNDS", "0"))
PATIENCE = 60.0  # seconds that a busy machine may take for what is usually done in two
VOTERS = 2000 + 1000 * ROUNDS  # accounts, so that rule R5 holds for all who vote in storms


def rounds(few: int) -> int:
    """How often a crash is tried: a few times, or as often as STIMME_CRASH_ROUNDS says."""
    return ROUNDS or few


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Instance:
    """Its settings are the variables of `environment`, besides the home."""

    home: Path
    database_url: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if not name.startswith("STIMME_")}
        own = {
            "home": str(self.home),
            "url": f"http://127.0.0.1:{self.port}",
            "database_url": self.database_url,
            "crash_rounds": str(ROUNDS),
            **self.settings,
        }
        return kept | {f"STIMME_{name.upper()}": text for name, text in own.items()}

    @property
    def origin(self) -> str:
        return f"127.0.0.1:{self.port}/log"

    @property
    def paper_key(self) -> bytes:
        return keys.load(self.home / "keys", "paper")

    @property
    def log_key(self) -> Signer:
        return Signer.from_seed(self.origin, keys.load(self.home / "keys", "log"))

    @property
    def receipt_key(self) -> Signer:
        return Signer.from_seed(f"{self.origin}/receipt", keys.load(self.home / "keys", "receipt"))

    @cached_property
    def cids(self) -> list[str]:
        """The boxes that are opened when the instance is made."""
        return [cause_id(document) for document in DOCUMENTS]

    def inside(self, work: str) -> Any:  # noqa: ANN401
        """Call a function of `tests.crash.inside` where the instance is loaded."""
        return json.loads(self._run("-m", "tests.crash.inside", work).stdout)

    def stimme(self, *arguments: str) -> str:
        """Run a command to its end; what it prints. Raises CalledProcessError."""
        return self._run("-m", "stimme", *arguments).stdout

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.environment,
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def start(self, *arguments: str) -> "Running":
        """Start a command that goes on; it leads a group of its own."""
        log = self.home / "output"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "stimme", *arguments],
                env=self.environment,
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return Running(process, log)

    def start_door(self) -> "Running":
        """A door alone: votes need no pages."""
        nowhere = str(self.home / "no-pages")
        return self.start("door", "--port", str(self.port), "--pages", nowhere)


DOCUMENTS = [b'{"ask":"Bring back Product X"}', b'{"ask":"Bring back Product Y"}']


@dataclass
class Running:
    """A process with those it has started."""

    process: subprocess.Popen[bytes]
    log: Path

    def family(self) -> list[int]:
        """This process and its descendants that are alive, parents first."""
        pids = [self.process.pid]
        for pid in pids:
            pids += children(pid)
        return pids

    def ended(self) -> bool:
        return self.process.poll() is not None

    def end(self) -> None:
        """Ask it to end, as an operator would; what is left of its family after that is killed."""
        pids = self.family()
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(PATIENCE)
        kill(pids)
        self.process.wait()

    def kill(self) -> None:
        """Kill it with all its family at one moment, as far as there is such a moment."""
        kill(self.family())
        self.process.wait()


def kill(pids: Sequence[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    until(lambda: not any(map(is_alive, pids)), "killed processes are gone")


def is_alive(pid: int) -> bool:
    with suppress(OSError):
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return False


def children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, task.read_text().split())
    return found


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.02)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(process: Running) -> Iterator[Running]:
    try:
        yield process
    finally:
        if not process.ended():
            process.end()


def make(home: Path, database_url: str = "", **settings: str) -> Instance:
    """Make an instance with open boxes and accounts; it seals whatever has come, every second."""
    often = {
        "seal_interval": "1",
        "seal_min_batch": "1",
        "promise_deadline": "10",
        "language": "en",
    }
    made = Instance(home, database_url, {**often, **settings})
    made.inside("prepare")
    return made
