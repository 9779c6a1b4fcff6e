"""A sealing in a process of its own, of which the kernel lets one system call fail, or be the last.

By strace's fault injection: what is tested is what runs, not what we think it calls.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.db import connection

from stimme.apps.ballot.sealer import seal
from tests.needs import missing

EIO, KILL = "error=EIO", "signal=KILL"
_KILLED = -9


def need_strace() -> None:
    """Skip where system calls cannot be traced; in CI they must be."""
    if not shutil.which("strace"):
        missing("strace is not installed")
    traced = subprocess.run(["strace", "-o", "/dev/null", "true"], check=False, capture_output=True)
    if traced.returncode:
        missing("processes cannot be traced here")


def seal_while(call: str, number: int, fault: str, before: Callable[[], None]) -> bool:
    """Seal everything while the call with this number has the fault; whether there was one.

    `before` is done by the process that seals.
    """
    connection.close()  # no connection is shared with a child
    ready, go = os.pipe()
    child = os.fork()
    if not child:
        _seal(ready, before)
    with tempfile.NamedTemporaryFile("r") as trace:
        inject = f"inject={call}:{fault}:when={number}"
        command = ["strace", "-f", "-o", trace.name, "-e", f"trace={call}", "-e", inject]
        with subprocess.Popen([*command, "-p", str(child)], stderr=subprocess.PIPE) as strace:
            assert strace.stderr
            assert b"attached" in strace.stderr.readline()
            os.write(go, b"!")
            _, status = os.waitpid(child, 0)
        os.close(ready)
        os.close(go)
        if fault == KILL:
            return os.waitstatus_to_exitcode(status) == _KILLED
        return "(INJECTED)" in Path(trace.name).read_text()


def _seal(ready: int, before: Callable[[], None]) -> None:
    status = 1
    try:
        before()
        os.read(ready, 1)
        seal(everything=True)
        status = 0
    finally:
        os._exit(status)
