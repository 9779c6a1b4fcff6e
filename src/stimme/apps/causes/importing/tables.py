"""Reading exports: row by row in bounded memory, and refused as a whole where not a table."""

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from stimme.apps.causes.importing.report import Report

MOST_BYTES = 64 * 1024  # of one row, line breaks within quotes included
MOST_ROWS = 5_000_000


class BadFile(Exception):
    """A file is not the table it should be; nothing of it was stored. The text says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """The wanted columns of one row, and the line of the file on which it ends."""

    line: int
    values: list[str]


class _Lines:
    """The lines of a file as text; never more than one row's worth in memory."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.number = 0
        self.left = MOST_BYTES
        self._path, self._file = path, file

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._file.readline(self.left + 1)
        self.left -= len(line)
        if not line:
            raise StopIteration
        self.number += 1
        if b"\0" in line:
            raise self.error("there are NUL bytes, so this is not a text file")
        if self.left < 0:
            raise self.error(f"a row is longer than {MOST_BYTES // 1024} KiB")
        try:
            return line.decode("utf-8-sig" if self.number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise self.error("the text is not in UTF-8; save the file again as UTF-8") from error

    def error(self, fault: str) -> BadFile:
        return BadFile(f"{self._path.name}, line {self.number}: {fault}.")


def read_table(path: Path, columns: Sequence[str], report: Report) -> Iterator[Row]:
    """Give the rows of a CSV file with a header, the named columns in the order asked for.

    Rows with too many or too few columns go to `report`. Raises BadFile for a file that is
    missing, not text in UTF-8, without these columns, broken off within quotes, or that has
    a row of more than 64 KiB or too many rows.
    """
    rows = _records(path)
    header = next(rows, Row(0, [])).values
    absent = [column for column in columns if column not in header]
    if absent:
        wanted, found = ", ".join(columns), ", ".join(header)[:200] or "none"
        raise BadFile(f"{path.name}: the columns {wanted} are needed; found are: {found}.")
    places = [header.index(column) for column in columns]
    for row in rows:
        if len(row.values) == len(header):
            yield Row(row.line, [row.values[place] for place in places])
        else:
            reason = f"it has {len(row.values)} columns, the header has {len(header)}"
            report.reject_row(path.name, row, reason)


def read_pairs(path: Path) -> dict[str, str]:
    """The first two columns of a small CSV file without a header. Raises BadFile."""
    return {row.values[0]: row.values[1] for row in _records(path) if len(row.values) > 1}


def _records(path: Path) -> Iterator[Row]:
    try:
        with path.open("rb") as file:
            yield from _parsed(_Lines(path, file))
    except OSError as error:
        fault = os.strerror(error.errno or 0).lower()
        raise BadFile(f"{path} cannot be read: {fault}.") from error


def _parsed(lines: _Lines) -> Iterator[Row]:
    try:
        for number, values in enumerate(csv.reader(lines, strict=True)):
            if number > MOST_ROWS:
                raise lines.error(f"there are more than {MOST_ROWS:,} rows; split the file")
            if values:
                yield Row(lines.number, values)
            lines.left = MOST_BYTES
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise lines.error("the file breaks off within a quoted text") from error
        raise lines.error(f"this is not CSV ({error})") from error
