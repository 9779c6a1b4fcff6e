"""What happened to a demand, with what one voter said to it: for the ledger and its exports.

Another kind of consequence is one more reader in `_READERS`, and the template of its kind.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from django.utils import timezone

from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.models import Answer, TurningKind, TurningPoint
from stimme.apps.causes.models import CauseVersion, Correction
from stimme.apps.organisations.models import Decision, OfficialResponse

Subject = OfficialResponse | Decision | Correction
Points = Mapping[str, Sequence[TurningPoint]]
Answers = Mapping[tuple[str, int], Answer]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened on `day`; `subject` is None where its kind says it all."""

    kind: TurningKind
    day: dt.date
    subject: Subject | None
    # What the voter said to it, if it asked.
    answer: Answer | None = None

    @property
    def template(self) -> str:
        return f"ledger/happened_{self.kind}.html"

    @property
    def said(self) -> str:
        """`stood by`, `changed` or `withdrew`, or nothing."""
        if self.answer is None:
            return ""
        if self.answer.after == self.answer.before:
            return "stood by"
        return "withdrew" if self.answer.after == Choice.WITHDRAWN else "changed"


class _Told(NamedTuple):
    cause: int
    kind: TurningKind
    day: dt.date
    subject: Subject


def _responses(causes: Collection[int]) -> Iterator[_Told]:
    for one in OfficialResponse.objects.filter(cause__in=causes):
        yield _Told(one.cause_id, TurningKind.RESPONSE, one.published_on, one)


def _decisions(causes: Collection[int]) -> Iterator[_Told]:
    for one in Decision.objects.filter(cause__in=causes):
        yield _Told(one.cause_id, TurningKind.DECISION, one.decided_on, one)


def _corrections(causes: Collection[int]) -> Iterator[_Told]:
    found = Correction.objects.filter(version__cause__in=causes).select_related("version__cause")
    for one in found:
        day = timezone.localdate(one.at)
        yield _Told(one.version.cause_id, TurningKind.CORRECTION, day, one)


_READERS: Sequence[Callable[[Collection[int]], Iterator[_Told]]] = (
    _responses,
    _decisions,
    _corrections,
)
# Told by the turning point alone: what it is about stands on the page of the cause.
_PLAIN = {TurningKind.VERSION, TurningKind.COOLING}


def happenings_of(
    versions: Collection[CauseVersion], points: Points, answers: Answers
) -> dict[str, list[Happening]]:
    """Return by cid what happened to each demand, oldest first: one query for each reader."""
    causes = {version.cause_id for version in versions}
    told: dict[int, list[_Told]] = defaultdict(list)
    for reader in _READERS if causes else ():
        for one in reader(causes):
            told[one.cause].append(one)
    return {
        version.cid: _history(told[version.cause_id], points.get(version.cid, ()), answers)
        for version in versions
    }


def _history(
    told: Iterable[_Told], points: Sequence[TurningPoint], answers: Answers
) -> list[Happening]:
    said = {
        (point.kind, point.subject): answers.get((point.cid, point.edition)) for point in points
    }
    found = [
        Happening(one.kind, one.day, one.subject, said.get((one.kind, one.subject.pk)))
        for one in told
    ]
    found += [
        Happening(
            TurningKind(point.kind),
            timezone.localdate(point.at),
            None,
            answers.get((point.cid, point.edition)),
        )
        for point in points
        if point.kind in _PLAIN
    ]
    return sorted(found, key=attrgetter("day"))
