"""An export of a Polis conversation: three tables, parted by a line with a form feed alone."""

import tempfile
from pathlib import Path

from stimme.apps.causes.importing.polis import _address, _events, _statements
from stimme.apps.causes.importing.report import Report
from stimme.apps.causes.importing.tables import BadFile

FOLDER = tempfile.TemporaryDirectory(prefix="stimme-fuzz-")


def check(data: bytes) -> None:
    folder = Path(FOLDER.name)
    parts = [*data.split(b"\f\n"), b"", b"", b""]
    for name, content in zip(("comments.csv", "votes.csv", "summary.csv"), parts, strict=False):
        (folder / name).write_bytes(content)
    report = Report()
    try:
        statements = _statements(folder / "comments.csv", report)
        before = len(report.rejected)
        events = _events(folder / "votes.csv", report)
        address = _address(folder / "summary.csv")
    except BadFile:
        return
    assert len({one.number for one in statements}) == len(statements)
    assert report.rows == len(events) + len(report.rejected) - before
    assert all(one.number.isascii() and one.number.isdecimal() for one in statements)
    assert not address or address.startswith(("http://", "https://"))
