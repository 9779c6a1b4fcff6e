#!/usr/bin/env python
"""Prove the released wheel: build it, install it in an empty environment, start it.

What users get is then what was tested: templates, static files and catalogues included. The
wheel is built by the hatchling of this environment; the new one holds requirements.lock only.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.error
import urllib.request
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIP = next((ROOT / "tools" / "bootstrap").glob("pip-*.whl")) / "pip"
START_SECONDS = 30


def run(*command: str | Path, **environment: str) -> str:
    """Raises CalledProcessError."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=tempfile.gettempdir(),  # not the checkout: its source must not be found
        env=clean() | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.strip()


def clean() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STIMME_")}
    return kept | {"PYTHONPATH": ""}


def build(folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return next(folder.glob("stimme-*.whl"))


def left_out(wheel: Path) -> list[str]:
    """Files of the source that the wheel does not carry."""
    source = ROOT / "src"
    carried = set(zipfile.ZipFile(wheel).namelist())
    wanted = (path for path in (source / "stimme").rglob("*") if path.is_file())
    names = {str(path.relative_to(source)) for path in wanted if "__pycache__" not in path.parts}
    return sorted(names - carried)


def install(wheel: Path, folder: Path) -> Path:
    """An environment with the wheel and what it runs on; returns its Python."""
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    lock = ROOT / "requirements.lock"
    run(python, PIP, "install", "--quiet", "--require-hashes", "-r", lock)
    run(python, PIP, "install", "--quiet", "--no-deps", "--no-index", wheel)
    run(python, PIP, "check")
    return python


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def served(program: Path, home: Path) -> str:
    """The home page of a new instance, as the installed program serves it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = clean() | {"STIMME_HOME": str(home), "STIMME_URL": url}
    process = subprocess.Popen([str(program), "serve", "--port", str(port)], env=environment)
    try:
        for _ in range(START_SECONDS * 4):
            try:
                return str(urllib.request.urlopen(url, timeout=5).read(), "utf-8")
            except urllib.error.HTTPError:
                raise
            except OSError:
                time.sleep(0.25)
        raise SystemExit("The installed server does not answer.")
    finally:
        process.terminate()
        process.wait(20)


def main() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel = build(folder)
        if absent := left_out(wheel):
            raise SystemExit(f"The wheel leaves out {', '.join(absent)}")
        python = install(wheel, folder / "environment")
        program, home = python.parent / "stimme", folder / "home"
        printed = run(program, "--version")
        if version not in printed.split():
            raise SystemExit(f"stimme --version prints {printed!r}, not {version}")
        run(program, "check", STIMME_HOME=str(home))
        if "</html>" not in served(program, home):
            raise SystemExit("The installed server sends no whole page.")
    print(f"{wheel.name} installs, starts and serves.")


if __name__ == "__main__":
    main()
