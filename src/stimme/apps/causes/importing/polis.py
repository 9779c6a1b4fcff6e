"""An export of a Polis conversation: each statement a cause, each vote event a vote."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction

from stimme.apps.ballot.choices import Choice
from stimme.apps.causes.importing.events import Event, Progress, cast_events, shown
from stimme.apps.causes.importing.report import Report
from stimme.apps.causes.importing.tables import BadFile, Row, read_pairs, read_table
from stimme.apps.causes.importing.votes import LONGEST_ASK, organisation_of, plausible
from stimme.apps.causes.models import CauseVersion, Provenance
from stimme.apps.causes.services import Demand, Reference, publish_cause
from stimme.apps.organisations.models import Organisation
from stimme.text import refuse_tricks, tidy

_CHOICES = {"1": Choice.FOR, "-1": Choice.AGAINST, "0": None}
_MILLISECONDS = re.compile(r"[0-9]{1,15}")
_NUMBER = re.compile(r"[0-9]{1,12}")
_LONGEST_ADDRESS = 500
_NO_STATEMENT = "there is no statement with this id"
_NO_CAUSE = "its statement could not become a cause"
_LONGEST_SOURCE = 100


@dataclass(frozen=True, slots=True)
class Statement:
    line: int
    number: str
    ask: str
    at: datetime


def import_polis(
    folder: Path,
    *,
    organisation: str,
    language: str = "en",
    source: str = "",
    report: Report,
    progress: Progress = lambda _done, _all: None,
) -> None:
    """Publish each statement as a cause to the organisation, and cast all votes by time.

    Agree is for, disagree is against, a pass withdraws the vote there was. `source` names
    the conversation, by default as the folder: importing it again adds only what is new.
    Raises BadFile, or ValidationError for the organisation's name; then nothing is stored.
    """
    source = _named(source or folder.resolve().name)
    statements = _statements(folder / "comments.csv", report)
    events = _events(folder / "votes.csv", report)
    if not statements or not events:
        raise BadFile(f"{folder}: a conversation needs statements and votes.")
    reference = Reference(f"Polis conversation {source}", _address(folder / "summary.csv"))
    demands = _Publisher(folder.name, organisation_of(organisation), language, reference, report)
    boxes = demands.publish(statements, events)
    cast_events(
        _with_box(events, boxes, {one.number for one in statements}, report),
        boxes=boxes,
        source=source,
        report=report,
        progress=progress,
    )


def _named(source: str) -> str:
    source = tidy(source)
    refuse_tricks(source)
    if not 0 < len(source) <= _LONGEST_SOURCE:
        raise BadFile(f"The name of a source has 1 to {_LONGEST_SOURCE} characters.")
    return source


def _address(summary: Path) -> str:
    """Where the conversation can be read, if the export says so."""
    address = read_pairs(summary).get("url", "") if summary.exists() else ""
    plain = re.fullmatch(r"https?://[!-~]+", address) and len(address) <= _LONGEST_ADDRESS
    return address if plain else ""


def _statements(path: Path, report: Report) -> list[Statement]:
    found: dict[str, Statement] = {}
    for row in read_table(path, ["comment-id", "timestamp", "comment-body"], report):
        try:
            statement = _statement(row)
        except ValueError as error:
            report.reject_row(path.name, row, str(error))
            continue
        if found.setdefault(statement.number, statement) is not statement:
            report.reject_row(path.name, row, "there is a statement with this id above")
    return list(found.values())


def _statement(row: Row) -> Statement:
    number, timestamp, body = row.values
    if not _NUMBER.fullmatch(number):
        raise ValueError("the id of a statement is a number")
    return Statement(row.line, number, tidy(body), _moment(timestamp))


def _events(path: Path, report: Report) -> list[Event]:
    """The vote events by time; those of one millisecond stay in the order of the file."""
    events = []
    columns = ["timestamp", "comment-id", "voter-id", "vote"]
    before = len(report.rejected)
    for row in read_table(path, columns, report):
        try:
            events.append(_event(path.name, row))
        except ValueError as error:
            report.reject_row(path.name, row, str(error))
    report.rows = len(events) + len(report.rejected) - before
    return sorted(events, key=lambda event: event.at)


def _event(file: str, row: Row) -> Event:
    timestamp, statement, voter, vote = row.values
    if vote not in _CHOICES:
        raise ValueError("a vote is 1, -1 or 0")
    if not _NUMBER.fullmatch(voter):
        raise ValueError("the id of a voter is a number")
    return Event(file, row.line, statement, voter, _CHOICES[vote], _moment(timestamp))


def _moment(text: str) -> datetime:
    if not _MILLISECONDS.fullmatch(text):
        raise ValueError("a timestamp is in milliseconds since 1970")
    seconds, milliseconds = divmod(int(text), 1000)
    try:
        found = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("its time lies in the future") from error
    return plausible(found.replace(microsecond=milliseconds * 1000))


def _with_box(
    events: Sequence[Event], boxes: dict[str, str], statements: set[str], report: Report
) -> list[Event]:
    for event in events:
        if event.statement in boxes:
            continue
        known = event.statement in statements
        reason = _NO_CAUSE if known else _NO_STATEMENT
        report.reject(event.file, event.line, reason, shown(event))
    return [event for event in events if event.statement in boxes]


@dataclass(frozen=True, slots=True)
class _Publisher:
    """Makes the causes of one conversation, or finds those of an earlier import."""

    folder: str
    organisation: Organisation
    language: str
    conversation: Reference
    report: Report

    @transaction.atomic
    def publish(self, statements: Sequence[Statement], events: Sequence[Event]) -> dict[str, str]:
        """Return the cid of each statement that is a cause; all appear together or none."""
        first: dict[str, datetime] = {}
        for event in events:
            first.setdefault(event.statement, event.at)
        known = self._known()
        boxes = {}
        for statement in statements:
            title = self._title(statement)
            version = known.get(title) or self._made(
                statement, title, first.get(statement.number, statement.at)
            )
            if version:
                boxes[statement.number] = version.cid
                self.report.causes[version.cid] = version.ask
        return boxes

    def _title(self, statement: Statement) -> str:
        return f"{self.conversation.title}, statement {statement.number}"

    def _known(self) -> dict[str, CauseVersion]:
        """The first version of each cause that this conversation has made, by its source."""
        versions = CauseVersion.objects.filter(
            cause__organisation=self.organisation,
            cause__provenance=Provenance.IMPORTED,
            cause__sources__title__startswith=f"{self.conversation.title}, statement ",
            number=1,
            discarded=False,
        )
        titles = versions.values_list("cause__sources__title", "pk")
        by_key = versions.in_bulk()
        return {title: by_key[key] for title, key in titles}

    def _made(self, statement: Statement, title: str, at: datetime) -> CauseVersion | None:
        try:
            with transaction.atomic():
                version = self._publish(statement, title, at)
        except ValidationError as error:
            reason = " ".join(error.messages)
            self.report.reject("comments.csv", statement.line, reason, statement.ask)
            return None
        self.report.causes_made += 1
        return version

    def _publish(self, statement: Statement, title: str, at: datetime) -> CauseVersion:
        if len(statement.ask) > LONGEST_ASK:
            raise ValidationError(f"A demand has at most {LONGEST_ASK} characters.")
        cause = publish_cause(
            author=None,
            organisation=self.organisation,
            demand=Demand(statement.ask, self.language),
            parties=[],
            sources=[Reference(title, self.conversation.url)],
            provenance=Provenance.IMPORTED,
            at=at,
        )
        return CauseVersion.objects.get(cause=cause)
