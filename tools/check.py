#!/usr/bin/env python
"""Every check that is not a test: `./dev check [--fix] [name …]`."""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent
DJANGO = [PYTHON, "-W", "error", "-m", "django"]
CHECKS: dict[str, list[str]] = {
    "types": [PYTHON, "-m", "mypy"],
    "ruff": [PYTHON, "-m", "ruff", "check", "--quiet", "."],
    "format": [PYTHON, "-m", "ruff", "format", "--quiet", "--check", "."],
    "templates": [str(BIN / "djangofmt"), "--line-length", "100", "--check", "src"],
    "contracts": [str(BIN / "lint-imports"), "--no-logo"],
    "migrations": [*DJANGO, "makemigrations", "--check", "--dry-run"],
    "translations": [PYTHON, "tools/messages.py", "check"],
    "deploy": [*DJANGO, "check", "--deploy", "--fail-level", "WARNING"],
    "vendor": [PYTHON, "tools/vendor.py", "--check"],
    "locks": [PYTHON, "tools/locks.py", "check"],
}
FIXES = {
    "ruff": [PYTHON, "-m", "ruff", "check", "--quiet", "--fix", "."],
    "format": [PYTHON, "-m", "ruff", "format", "--quiet", "."],
    "templates": [str(BIN / "djangofmt"), "--quiet", "--line-length", "100", "src"],
}


class Result(NamedTuple):
    name: str
    ok: bool
    seconds: float
    output: str


def environment(home: Path) -> dict[str, str]:
    """An instance as in production, with nothing of the developer's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STIMME_")}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "stimme.settings",
        "STIMME_HOME": str(home),
        "STIMME_URL": "https://stimme.example",
        "STIMME_PROXIES": "1",
    }


def run(name: str, home: Path) -> Result:
    start = time.monotonic()
    done = subprocess.run(
        CHECKS[name],
        cwd=ROOT,
        env=environment(home / name),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Result(name, done.returncode == 0, time.monotonic() - start, done.stdout.strip())


def run_all(names: list[str]) -> list[Result]:
    with tempfile.TemporaryDirectory() as home, ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(partial(run, home=Path(home)), names))


def report(results: list[Result]) -> int:
    failed = [result for result in results if not result.ok]
    for result in failed:
        print(f"--- {result.name}\n{result.output}\n")
    for result in results:
        print(f"{'ok' if result.ok else 'FAILED':<7}{result.name:<14}{result.seconds:6.1f} s")
    return 1 if failed else 0


def main(arguments: list[str]) -> int:
    names = [name for name in arguments if name != "--fix"] or list(CHECKS)
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        print(f"There is no check {unknown[0]!r}; there are: {', '.join(CHECKS)}.")
        return 2
    for name in FIXES if "--fix" in arguments else ():
        subprocess.run(FIXES[name], cwd=ROOT, check=False)
    return report(run_all(names))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
