"""Server processes: started, waited for, measured from /proc, and ended."""

import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


class DidNotStart(Exception):
    """The text says what was started, and where it wrote why."""


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    port: int,
    log: Path,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    patience: float = 60.0,
) -> Iterator[int]:
    """Run a server while the block runs, and give its process id once its port answers.

    It ends with all its descendants. Raises DidNotStart.
    """
    if answers(port):
        raise DidNotStart(f"somebody else listens on port {port}")
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            env={**os.environ, **(environment or {})},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _await(process, port, patience, log)
        yield process.pid
    finally:
        end(process)


def _await(process: subprocess.Popen[bytes], port: int, patience: float, log: Path) -> None:
    deadline = time.monotonic() + patience
    while not answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-2000:]
            raise DidNotStart(f"{process.args!r} did not start:\n{tail}")
        time.sleep(0.05)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a server to end, and after a while its family no longer ask."""
    relatives = family(process.pid) if process.poll() is None else []
    process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=20)
    for pid in relatives:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def cpu_seconds(root: int) -> float:
    """CPU time that a process, its threads and its living descendants have used."""
    return sum(ticks_of(_stat(pid)) for pid in family(root)) / _TICK


def ticks_of(stat: str) -> int:
    """Return user and system time of a /proc/<pid>/stat line, with that of children that ended."""
    fields = stat.rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15])


def memory_bytes(pids: Iterable[int]) -> int:
    """RAM of these processes; what they share with each other or others counts in part."""
    return sum(map(proportional_bytes, map(_rollup, pids)))


def proportional_bytes(rollup: str) -> int:
    """Return the `Pss` of a /proc/<pid>/smaps_rollup, in which it stands in kB."""
    line = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) * 1024


def _rollup(pid: int) -> str:
    return Path(f"/proc/{pid}/smaps_rollup").read_text()


def arguments_of(pid: int) -> list[str]:
    """The command line of a process."""
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


def family(root: int) -> list[int]:
    """The process and all its descendants, parents first."""
    pids = [root]
    for pid in pids:
        pids += _children(pid)
    return pids


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def _stat(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text()


def raise_file_limit() -> None:
    """Allow as many open connections as this machine lets us have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
