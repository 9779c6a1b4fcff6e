"""Server processes: started, waited for, measured from /proc, and ended."""

import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


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

    It is a group of its own, and ends with its children. Raises DidNotStart.
    """
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
    """Ask the server to end, and after a while its whole group no longer ask."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def cpu_seconds(root: int) -> float:
    """CPU time that a process, its threads and its living descendants have used."""
    return sum(ticks_of(_stat(pid)) for pid in family(root)) / _TICK


def ticks_of(stat: str) -> int:
    """Return user and system time of a /proc/<pid>/stat line, with that of children that ended."""
    fields = stat.rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15])


def resident_bytes(pid: int) -> int:
    """Memory of one process that is in RAM, shared pages included."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE


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


def listener(port: int) -> int:
    """Return the process that answers on a port of loopback: of several the youngest.

    A server's first process opens the port; those that work inherit it. Raises LookupError.
    """
    inodes = {f"socket:[{inode}]" for inode in _listening(port)}
    holders = [pid for pid in _processes() if inodes & _open_files(pid)]
    if not holders:
        raise LookupError(f"nobody listens on port {port}")
    return max(holders, key=_started)


def _listening(port: int) -> Iterator[str]:
    """Inodes of sockets in state LISTEN (0A) with this port."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
            yield fields[9]


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _open_files(pid: int) -> set[str]:
    names = set()
    with suppress(OSError):  # it has ended meanwhile
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                names.add(str(entry.readlink()))
    return names


def _started(pid: int) -> int:
    return int(_stat(pid).rpartition(")")[2].split()[19])


def raise_file_limit() -> None:
    """Allow as many open connections as this machine lets us have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
