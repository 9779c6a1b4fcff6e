#!/usr/bin/env python
"""The lock files: `tools/locks.py check` offline, `tools/locks.py update` with uv and a network."""

import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
RUNTIME, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"
COMPILE = ["uv", "pip", "compile", "pyproject.toml", "--universal", "--generate-hashes"]
OPTIONS = ["--no-emit-index-url", "--no-annotate", "--python-version", "3.11"]
ADDRESSES = ("://", "--index-url", "--extra-index-url", "--find-links")


def declared() -> tuple[list[Requirement], list[Requirement]]:
    """What pyproject.toml asks for: to run, and to develop."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime, group = project["project"]["dependencies"], project["dependency-groups"]["dev"]
    return [Requirement(line) for line in runtime], [Requirement(line) for line in group]


def pins(lock: str) -> dict[str, Requirement]:
    """The pinned requirements in the text of a lock file, by canonical name."""
    heads = [line.partition("\\")[0] for line in lock.splitlines() if line[:1].isalnum()]
    return {canonicalize_name(pin.name): pin for pin in map(Requirement, heads)}


def faults(name: str, lock: str, wanted: Iterable[Requirement]) -> Iterator[str]:
    """Every reason why `lock` cannot be what pyproject.toml asks for, in one line each."""
    pinned = pins(lock)
    for need in wanted:
        pin = pinned.get(canonicalize_name(need.name))
        version = str(pin.specifier).removeprefix("==") if pin else ""
        if not version or not need.specifier.contains(version, prereleases=True):
            yield f"{name}: {need} is not what is pinned ({version or 'nothing'})"
    for line in lock.splitlines():
        if not line.startswith("#") and any(mark in line for mark in ADDRESSES):
            yield f"{name}: an index address: {line.strip()}"
    blocks = lock.replace("\\\n", " ").splitlines()
    for block in blocks:
        if block[:1].isalnum() and "--hash=sha256:" not in block:
            yield f"{name}: no hash: {block.split()[0]}"


def check() -> int:
    runtime, development = declared()
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in (RUNTIME, DEVELOPMENT)}
    found = list(faults(RUNTIME, texts[RUNTIME], runtime))
    found += faults(DEVELOPMENT, texts[DEVELOPMENT], [*runtime, *development])
    both = pins(texts[DEVELOPMENT])
    for name, pin in pins(texts[RUNTIME]).items():
        if both.get(name) != pin:
            found.append(f"{DEVELOPMENT}: {name} is not pinned as in {RUNTIME}")
    print("\n".join(found) or "Both lock files agree with pyproject.toml.")
    return 1 if found else 0


def update() -> int:
    """Pin anew, keeping the versions that still fit. Raises CalledProcessError when uv fails."""
    subprocess.run([*COMPILE, *OPTIONS, "--quiet", "-o", RUNTIME], cwd=ROOT, check=True)
    group = ["--group", "dev", *OPTIONS, "-c", RUNTIME, "--quiet", "-o", DEVELOPMENT]
    subprocess.run([*COMPILE, *group], cwd=ROOT, check=True)
    return check()


def main() -> int:
    commands = {"check": check, "update": update}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:  # noqa: PLR2004 - the program and a word
        print(__doc__)
        return 2
    return commands[sys.argv[1]]()


if __name__ == "__main__":
    sys.exit(main())
