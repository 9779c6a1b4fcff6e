"""An export of votes: a sentence for a file that is no table, and no row is lost in silence."""

import csv
import io
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from stimme.apps.ballot.choices import Choice
from stimme.apps.causes.importing.report import Report
from stimme.apps.causes.importing.tables import BadFile
from stimme.apps.causes.importing.votes import read_votes

FOLDER = tempfile.TemporaryDirectory(prefix="stimme-fuzz-")


def check(data: bytes) -> None:
    path = Path(FOLDER.name) / "votes.csv"
    path.write_bytes(data)
    report = Report()
    try:
        events = read_votes(path, report)
    except BadFile:
        return
    rows = [row for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), "")) if row]
    assert len(rows) - 1 == report.rows == len(events) + len(report.rejected)
    assert [one.at for one in events] == sorted(one.at for one in events)
    lines = [one.line for one in events] + [one.line for one in report.rejected]
    assert len(set(lines)) == report.rows
    for event in events:
        assert 0 < len(event.signer) <= 200
        assert event.signer == event.signer.strip()
        assert event.choice in Choice
        assert timedelta(0) <= event.at - datetime.fromtimestamp(0, UTC)
        assert event.at < datetime.now(UTC) + timedelta(days=1, minutes=1)
