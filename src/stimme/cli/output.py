"""What the commands print: texts from outside made harmless, tables, and a progress bar."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from tqdm import tqdm

_LONGEST = 60
_LATEST = 253_402_300_799  # the last second that has a date


def plain(text: str) -> str:
    """Escape what could move the cursor or turn the text around on a terminal."""
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


def number(count: int) -> str:
    return f"{count:,}"


def moment(unix_time: int) -> str:
    """Date and time in UTC; what lies beyond the calendar is shown as its last minute."""
    return f"{datetime.fromtimestamp(min(unix_time, _LATEST), UTC):%Y-%m-%d %H:%M} UTC"


def shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def table(header: Sequence[str], rows: Sequence[Sequence[str | int]]) -> str:
    """Align columns, numbers at the right. A text of any width belongs in the last column."""
    numeric = [bool(rows) and isinstance(value, int) for value in (rows or [header])[0]]
    cells = [list(header), *([_cell(value) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(_line(row, widths, numeric) for row in cells)


def _cell(value: str | int) -> str:
    return plain(value) if isinstance(value, str) else number(value)


def _line(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    columns = zip(cells, widths, numeric, strict=True)
    return "  ".join(
        cell.rjust(width) if right else cell.ljust(width) for cell, width, right in columns
    ).rstrip()


class Bar:
    """A progress bar on stderr, shown only on a terminal unless `always`."""

    def __init__(self, unit: str, *, always: bool = False) -> None:
        quiet = not (always or sys.stderr.isatty())
        self._bar: tqdm[None] = tqdm(unit=f" {unit}", disable=quiet, leave=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()

    def __call__(self, done: int, total: int) -> None:
        self._bar.total = total
        self._bar.update(done - self._bar.n)
