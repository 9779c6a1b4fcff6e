"""`stimme demo` in a process of its own, with a directory of its own."""

import os
import shutil
import signal
import socket
import sqlite3
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


def demo(home: Path, *arguments: str, **own: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stimme", "demo", *arguments]
    return subprocess.run(
        command, env={**environment(home), **own}, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("demo")
    first = demo(home, "--prepare-only", "--port", "8123")
    assert (first.returncode, first.stdout) == (0, "Making the demo; this is done once.\n")
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A copy of the demo that was made once."""
    return shutil.copytree(made, tmp_path / "home")


def causes(home: Path) -> int:
    with sqlite3.connect(home / "stimme.sqlite3") as database:
        number: int = database.execute("SELECT count(*) FROM causes_cause").fetchone()[0]
    database.close()
    return number


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def answers(port: int, process: subprocess.Popen[str]) -> None:
    """Wait until a program that is still starting listens."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.05)
        else:
            return


def test_it_is_made_once_and_keeps_its_name_on_another_port(home: Path, free_port: int) -> None:
    command = [sys.executable, "-m", "stimme", "demo", "--port", str(free_port)]
    with subprocess.Popen(
        command,
        env=environment(home),
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
        answers(free_port, process)
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert f"http://localhost:{free_port}/demo/" in said
    assert f"audit http://localhost:{free_port}/log --origin localhost:8123/log" in said
    assert ("Traceback" in rest, process.returncode in {0, 130}) == (False, True)


def test_a_fresh_demo_has_keys_and_a_log_name_of_its_own(home: Path) -> None:
    key = (home / "keys/log").read_bytes()
    again = demo(home, "--prepare-only", "--fresh", "--port", "8124")
    assert (again.returncode, again.stdout) == (0, "Making the demo; this is done once.\n")
    assert (home / "keys/log").read_bytes() != key
    assert (home / "log/checkpoint").read_text().splitlines()[0] == "localhost:8124/log"
    assert causes(home) == 23


@pytest.mark.parametrize("arguments", [(), ("--fresh",)])
def test_an_instance_that_is_no_demo_is_left_alone(home: Path, arguments: list[str]) -> None:
    (home / "demo").unlink()
    key = (home / "keys/log").read_bytes()
    refused = demo(home, "--prepare-only", *arguments)
    assert refused.returncode == 1
    assert refused.stderr == (
        f"stimme: {home} holds an instance that is no demo. "
        "Give the demo a directory of its own: STIMME_HOME=demo ./dev demo\n"
    )
    assert ((home / "keys/log").read_bytes(), causes(home)) == (key, 23)


@pytest.mark.parametrize("arguments", [(), ("--fresh",)])
def test_a_database_that_is_no_demo_is_left_alone(
    home: Path, tmp_path: Path, arguments: list[str]
) -> None:
    """Beside a demo's directory, STIMME_DATABASE_URL may name an instance that people use."""
    other = shutil.copytree(home, tmp_path / "other")
    with sqlite3.connect(other / "stimme.sqlite3") as database:
        database.execute("UPDATE accounts_user SET email = 'person' || id || '@example.org'")
    database.close()
    url = f"sqlite://{other / 'stimme.sqlite3'}"
    refused = demo(home, "--prepare-only", *arguments, STIMME_DATABASE_URL=url)
    assert refused.returncode == 1
    assert "holds an instance that is no demo" in refused.stderr
    assert causes(other) == 23


def test_a_log_whose_database_lies_elsewhere_is_left_alone(home: Path) -> None:
    (home / "demo").unlink()
    (home / "stimme.sqlite3").unlink()
    refused = demo(home, "--prepare-only")
    assert refused.returncode == 1
    assert "holds an instance that is no demo" in refused.stderr
    assert not (home / "stimme.sqlite3").exists()


def test_a_busy_port_is_said_in_one_sentence_before_anything_is_made(
    tmp_path: Path, busy_port: int
) -> None:
    refused = demo(tmp_path / "home", "--port", str(busy_port))
    assert (refused.returncode, refused.stderr) == (
        1,
        f"stimme: port {busy_port} is in use; ./dev demo --port {busy_port + 1}\n",
    )
    assert not (tmp_path / "home").exists()
