"""`./dev` in a checkout that has only what is needed to try it."""

import os
import shutil
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
COMMANDS = ("demo", "test", "check", "bench", "serve", "shell", "stimme")
PIP = "pip-26.3-py3-none-any.whl"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with an environment whose locks ask for nothing."""
    root = tmp_path / "stimme"
    (root / "tools" / "bootstrap").mkdir(parents=True)
    (root / "src" / "stimme").mkdir(parents=True)
    (root / "src" / "stimme" / "__main__.py").write_text("import sys; print(sys.argv[1:])")
    shutil.copy(REPOSITORY / "dev", root)
    shutil.copy(REPOSITORY / "tools" / "bootstrap" / PIP, root / "tools" / "bootstrap")
    (root / "requirements.lock").write_text("# nothing\n")
    (root / "requirements-dev.lock").write_text("# nothing\n")
    return root


def dev(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # A PATH without uv: what a plain Debian has.
    return subprocess.run(
        [sys.executable, str(root / "dev"), *arguments],
        env={name: os.environ[name] for name in os.environ if name != "PATH"} | {"PATH": "/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_alone_it_lists_every_command(checkout: Path) -> None:
    lines = dev(checkout).stdout.splitlines()
    assert tuple(line.split()[1] for line in lines) == COMMANDS
    assert not (checkout / ".venv").exists()


def test_unknown_command_makes_no_environment(checkout: Path) -> None:
    answer = dev(checkout, "fly")
    assert (answer.returncode, answer.stderr.splitlines()[0]) == (
        1,
        "dev: There is no command of that name.",
    )
    assert not (checkout / ".venv").exists()


def test_first_start_makes_the_environment_and_second_installs_nothing(checkout: Path) -> None:
    first = dev(checkout, "stimme", "audit", "--json")
    assert first.stdout.splitlines() == [
        "Installing requirements.lock into .venv; this is done once.",
        "['audit', '--json']",
    ]
    assert dev(checkout, "serve", "--port", "1").stdout == "['serve', '--port', '1']\n"


def test_changed_lock_is_installed(checkout: Path) -> None:
    dev(checkout, "shell")
    (checkout / "requirements.lock").write_text("# something else\n")
    assert dev(checkout, "shell").stdout.splitlines()[0].startswith("Installing")


def test_development_environment_serves_the_program_too(checkout: Path) -> None:
    assert dev(checkout, "bench").stdout.splitlines()[-1] == "There are no benchmarks yet."
    assert dev(checkout, "demo").stdout == "['demo']\n"


def test_benchmarks_are_listed_and_run_by_name(checkout: Path) -> None:
    (checkout / "benchmarks").mkdir()
    (checkout / "benchmarks" / "sealing.py").write_text("import sys; print(sys.argv[1:])")
    assert dev(checkout, "bench").stdout.splitlines()[-1] == "./dev bench sealing"
    assert dev(checkout, "bench", "sealing", "9").stdout == "['9']\n"
    assert dev(checkout, "bench", "other").returncode == 1


def test_moved_checkout_says_what_to_do(checkout: Path, tmp_path: Path) -> None:
    dev(checkout, "shell")
    moved = checkout.rename(tmp_path / "elsewhere")
    assert dev(moved, "shell").stderr == (
        "dev: The checkout was moved. Remove its environment (rm -r .venv) and start again.\n"
    )


def test_broken_environment_says_what_to_do(checkout: Path) -> None:
    dev(checkout, "shell")
    (checkout / ".venv" / "bin" / "python").unlink()
    assert dev(checkout, "shell").stderr == (
        "dev: The environment in .venv is broken. Remove it (rm -r .venv) and start again.\n"
    )


def test_foreign_pip_is_not_run(checkout: Path) -> None:
    with (checkout / "tools" / "bootstrap" / PIP).open("ab") as wheel:
        wheel.write(b"\0")
    assert dev(checkout, "shell").stderr == (
        "dev: tools/bootstrap holds a pip that is not ours. Restore it from git.\n"
    )


def test_failed_installation_is_tried_again_next_time(checkout: Path) -> None:
    (checkout / "requirements.lock").write_text("not a requirement\n")
    failed = dev(checkout, "shell")
    assert failed.stderr.splitlines()[-1] == (
        "dev: The packages could not be installed. Is there a network? Then run ./dev again."
    )
    (checkout / "requirements.lock").write_text("# nothing\n")
    assert dev(checkout, "shell").stdout.splitlines()[-1] == "['shell']"


def test_old_python_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    loader = SourceFileLoader("dev_door", str(REPOSITORY / "dev"))
    spec = spec_from_loader("dev_door", loader)
    assert spec is not None
    door = module_from_spec(spec)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader.exec_module(door)
    monkeypatch.setattr(door.sys, "version_info", (3, 9, 6))
    monkeypatch.setattr(door.sys, "version", "3.9.6 (default)")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; this is 3\.9\.6"):
        door.need_python()
