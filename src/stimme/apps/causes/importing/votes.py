"""`time, signer, choice`: the votes of one cause."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from stimme.apps.ballot.choices import Choice
from stimme.apps.causes.importing.events import Event, Progress, cast_events
from stimme.apps.causes.importing.report import Report
from stimme.apps.causes.importing.tables import BadFile, Row, read_table
from stimme.apps.causes.models import CauseVersion, Provenance
from stimme.apps.causes.services import Demand, publish_cause
from stimme.apps.organisations.models import Organisation
from stimme.apps.organisations.services import find_or_add_organisation
from stimme.text import tidy

_SECONDS = re.compile(r"[0-9]{1,12}")
_LONGEST_SIGNER = 200
LONGEST_ASK = CauseVersion._meta.get_field("ask").max_length or 0
_LONGEST_NAME = Organisation._meta.get_field("name").max_length or 0


@dataclass(frozen=True, slots=True)
class NewCause:
    """The cause to make, or to find again when it was made by an earlier import."""

    organisation: str
    demand: Demand


def import_votes(
    path: Path,
    *,
    into: CauseVersion | NewCause,
    source: str = "",
    report: Report,
    progress: Progress = lambda _done, _all: None,
) -> None:
    """Cast the rows of a file in the order of their times.

    `source` says whose signers these are: within a cause, signers of one source with one
    name are one voter. By default it is the name of the file, for this cause alone. Raises
    BadFile, and ValidationError for the texts of a new cause; then nothing is stored.
    """
    events = read_votes(path, report)
    if not events:
        raise BadFile(f"{path.name}: there is no row with a vote.")
    version = into if isinstance(into, CauseVersion) else _version_of(into, events[0].at, report)
    report.causes[version.cid] = version.ask
    cast_events(
        events,
        boxes={"": version.cid},
        source=source or f"{path.name[:150]} {version.cid}",
        report=report,
        progress=progress,
    )


def read_votes(path: Path, report: Report) -> list[Event]:
    """The rows with a vote, by time; rows of one second stay in the order of the file."""
    events = []
    before = len(report.rejected)
    for row in read_table(path, ["time", "signer", "choice"], report):
        try:
            events.append(_event(path.name, row))
        except ValueError as error:
            report.reject_row(path.name, row, str(error))
    report.rows = len(events) + len(report.rejected) - before
    return sorted(events, key=lambda event: event.at)


def _event(file: str, row: Row) -> Event:
    time, signer, choice = (value.strip() for value in row.values)
    if not 0 < len(signer) <= _LONGEST_SIGNER:
        raise ValueError(f"a signer has 1 to {_LONGEST_SIGNER} characters")
    if choice not in Choice.values:
        raise ValueError("a choice is for, against or withdrawn")
    return Event(file, row.line, "", signer, Choice(choice), moment(time))


def moment(text: str) -> datetime:
    """Read unix seconds or ISO 8601, without a zone taken as UTC. Raises ValueError."""
    try:
        if _SECONDS.fullmatch(text):
            found = datetime.fromtimestamp(int(text), UTC)
        else:
            found = datetime.fromisoformat(text)
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError("a time is in unix seconds or ISO 8601") from error
    return plausible(found)


def plausible(found: datetime) -> datetime:
    """Raise ValueError for a time before 1970, or in the future (clocks may be a day off)."""
    if found > timezone.now() + timedelta(days=1):
        raise ValueError("its time lies in the future")
    if found.timestamp() < 0:
        raise ValueError("its time lies before 1970")
    return found.astimezone(UTC)


@transaction.atomic
def _version_of(new: NewCause, at: datetime, report: Report) -> CauseVersion:
    if len(new.demand.ask) > LONGEST_ASK:
        raise BadFile(f"A demand has at most {LONGEST_ASK} characters.")
    organisation = organisation_of(new.organisation)
    version = CauseVersion.objects.filter(
        cause__organisation=organisation,
        cause__provenance=Provenance.IMPORTED,
        ask=tidy(new.demand.ask),
    ).first()
    if version:
        return version
    report.causes_made += 1
    cause = publish_cause(
        author=None,
        organisation=organisation,
        demand=new.demand,
        parties=[],
        sources=[],
        provenance=Provenance.IMPORTED,
        at=at,
    )
    return CauseVersion.objects.get(cause=cause)


def organisation_of(name: str) -> Organisation:
    """Find or add whom the causes ask. Raises BadFile for a name too long to store."""
    if len(name) > _LONGEST_NAME:
        raise BadFile(f"The name of an organisation has at most {_LONGEST_NAME} characters.")
    return find_or_add_organisation(name=name)


def version_called(name: str) -> CauseVersion:
    """The version with this cid, or the current one of the cause with this slug.

    Raises BadFile when there is none.
    """
    versions = CauseVersion.objects.filter(discarded=False)
    found = (
        versions.filter(cid=name).first()
        or versions.filter(cause__slug=name, cause__current=F("pk")).first()
    )
    if found is None:
        raise BadFile(f"There is no cause with the slug or cid {name[:80]}.")
    return found
