"""`stimme demo` in a process of its own, with a directory of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def environment(home: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("STIMME_")}
    own.pop("DJANGO_SETTINGS_MODULE", None)
    return {**own, "STIMME_HOME": str(home), "PYTHONPATH": str(REPOSITORY / "src")}


def demo(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stimme", "demo", *arguments]
    return subprocess.run(
        command, env=environment(home), capture_output=True, text=True, check=False
    )


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_it_is_made_once_and_keeps_its_name_on_another_port(tmp_path: Path, free_port: int) -> None:
    first = demo(tmp_path, "--prepare-only", "--port", "8123")
    assert (first.returncode, first.stdout) == (0, "Making the demo; this is done once.\n")
    command = [sys.executable, "-m", "stimme", "demo", "--port", str(free_port)]
    with subprocess.Popen(
        command,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl-C" in line:
                break
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert f"http://127.0.0.1:{free_port}/demo/" in said
    assert f"audit http://127.0.0.1:{free_port}/log --origin 127.0.0.1:8123/log" in said
    assert ("Traceback" in rest, process.returncode in {0, 130}) == (False, True)


def test_an_instance_that_is_no_demo_is_left_alone(tmp_path: Path) -> None:
    demo(tmp_path, "--prepare-only")
    (tmp_path / "demo").unlink()
    database = (tmp_path / "stimme.sqlite3").read_bytes()
    for arguments in [(), ("--fresh",)]:
        refused = demo(tmp_path, "--prepare-only", *arguments)
        assert refused.returncode == 1
        assert refused.stderr == (
            f"stimme: {tmp_path} holds an instance that is no demo. "
            "Give the demo a directory of its own: STIMME_HOME=demo ./dev demo\n"
        )
    assert (tmp_path / "stimme.sqlite3").read_bytes() == database


def test_a_busy_port_is_said_in_one_sentence_before_anything_is_made(
    tmp_path: Path, busy_port: int
) -> None:
    refused = demo(tmp_path / "home", "--port", str(busy_port))
    assert (refused.returncode, refused.stderr) == (
        1,
        f"stimme: port {busy_port} is in use; ./dev demo --port {busy_port + 1}\n",
    )
    assert not (tmp_path / "home").exists()
