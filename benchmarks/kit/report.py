"""What was measured, beside what the project asks of itself."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `note` says how it was measured."""

    what: str
    bar: str
    measured: str
    ok: bool
    note: str = ""


def at_least(what: str, value: float, bar: float, unit: str = "", note: str = "") -> Row:
    return Row(what, f"≥ {_number(bar)}{unit}", f"{_number(value)}{unit}", value >= bar, note)


def at_most(what: str, value: float, bar: float, unit: str = "", note: str = "") -> Row:
    return Row(what, f"≤ {_number(bar)}{unit}", f"{_number(value)}{unit}", value <= bar, note)


def holds(what: str, bar: str, measured: str, *, ok: bool, note: str = "") -> Row:
    return Row(what, bar, measured, ok, note)


def _number(value: float) -> str:
    """Three digits that matter, thousands apart: 12,345; 34.5; 0.87."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2  # noqa: PLR2004
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if digits else text


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    head = ["| what | bar | measured | |", "|---|---|---|---|"]
    return "\n".join([*head, *map(_line, rows)])


def _line(row: Row) -> str:
    note = f" ({row.note})" if row.note else ""
    return f"| {row.what}{note} | {row.bar} | {row.measured} | {'ok' if row.ok else 'missed'} |"


def machine() -> str:
    """One line about where this was measured."""
    model = next((line for line in _cpuinfo() if line.startswith("model name")), ": unknown")
    cpu = model.partition(":")[2].strip()
    system = f"Linux {platform.release()}, Python {platform.python_version()}"
    return f"{cpu}, {os.cpu_count()} cores, {system}"


def _cpuinfo() -> list[str]:
    return Path("/proc/cpuinfo").read_text().splitlines()


def busy() -> float:
    """Processes that others keep running here: the load average, asked before a benchmark."""
    return os.getloadavg()[0]


def finish(bench: str, rows: Sequence[Row], facts: Mapping[str, float | None]) -> int:
    """Print the table and, as the last line, one JSON object; return the exit status.

    `facts` may have `load_before`: what it was beside what else.
    """
    load = facts.get("load_before") or 0.0
    beside = f", load average {load:.1f} before" if load >= 1 else ""
    print(f"\n{machine()}{beside}\n\n{table(rows)}\n")
    missed = [row.what for row in rows if not row.ok]
    told = {name: value if value is None else round(value, 2) for name, value in facts.items()}
    print(json.dumps({"bench": bench, **told, "missed": missed}))
    return 1 if missed else 0
