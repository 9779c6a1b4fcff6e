"""What happened to a demand, with what one voter said to it: for the ledger and its exports.

Another kind of consequence is one more reader in `_READERS`, and the template of its kind.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import F, QuerySet, Value
from django.utils import timezone

from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.models import Answer, TurningKind, TurningPoint
from stimme.apps.causes.models import CauseVersion, Correction
from stimme.apps.organisations.models import Commitment, Decision, OfficialResponse, Result


class Said(NamedTuple):
    """What the organisation said; a decision has a result."""

    kind: str
    pk: int
    cause_id: int
    day: dt.date
    text: str
    url: str
    result: str

    @property
    def result_label(self) -> str:
        return str(Result(self.result).label)


Subject = Said | Commitment | Correction
Points = Mapping[str, Sequence[TurningPoint]]
Answers = Mapping[tuple[str, int], Answer]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened on `day`; `subject` is None where its kind says it all."""

    kind: TurningKind
    day: dt.date
    subject: Subject | None
    # What the voter said to it, each time that it asked.
    answers: Sequence[Answer] = ()

    @property
    def template(self) -> str:
        return f"ledger/happened_{self.kind}.html"

    @property
    def said(self) -> list[str]:
        """Each answer as `stood by`, `changed` or `withdrew`."""
        return [_said(answer) for answer in self.answers]


def _said(answer: Answer) -> str:
    if answer.after == answer.before:
        return "stood by"
    return "withdrew" if answer.after == Choice.WITHDRAWN else "changed"


class _Told(NamedTuple):
    cause: int
    kind: TurningKind
    day: dt.date
    subject: Subject


def _of_organisations(causes: Collection[int]) -> Iterator[_Told]:
    """Responses and decisions: two tables in one query."""
    responses = OfficialResponse.objects.filter(cause__in=causes).annotate(result=Value(""))
    decisions = Decision.objects.filter(cause__in=causes)
    both = _columns(responses, TurningKind.RESPONSE, "published_on", "text").union(
        _columns(decisions, TurningKind.DECISION, "decided_on", "summary"), all=True
    )
    for one in sorted((Said(*row) for row in both), key=attrgetter("day", "kind", "pk")):
        yield _Told(one.cause_id, TurningKind(one.kind), one.day, one)


def _columns(rows: QuerySet[Any], kind: TurningKind, day: str, text: str) -> QuerySet[Any, Any]:
    """The fields of `Said`, under the same names for both tables."""
    named = rows.order_by().annotate(kind=Value(kind.value), day=F(day), words=F(text))
    return named.values_list("kind", "pk", "cause_id", "day", "words", "source_url", "result")


def _commitments(causes: Collection[int]) -> Iterator[_Told]:
    found = Commitment.objects.filter(decision__cause__in=causes).select_related("decision")
    for one in found.prefetch_related("statuses"):
        decision = one.decision
        yield _Told(decision.cause_id, TurningKind.COMMITMENT, decision.decided_on, one)


def _corrections(causes: Collection[int]) -> Iterator[_Told]:
    found = Correction.objects.filter(version__cause__in=causes).select_related("version__cause")
    for one in found:
        day = timezone.localdate(one.at)
        yield _Told(one.version.cause_id, TurningKind.CORRECTION, day, one)


_READERS: Sequence[Callable[[Collection[int]], Iterator[_Told]]] = (
    _of_organisations,
    _commitments,
    _corrections,
)
# Told by the turning point alone: what it is about stands on the page of the cause.
_PLAIN = {TurningKind.VERSION, TurningKind.COOLING}


def happenings_of(
    versions: Collection[CauseVersion], points: Points, answers: Answers
) -> dict[str, list[Happening]]:
    """Return by cid what happened to each demand, oldest first: in at most four queries."""
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
    said: dict[tuple[str, int], list[Answer]] = defaultdict(list)
    for point in points:
        if answer := answers.get((point.cid, point.edition)):
            said[point.kind, point.subject].append(answer)
    found = [
        Happening(one.kind, one.day, one.subject, said[one.kind, one.subject.pk]) for one in told
    ]
    for point in points:
        if point.kind in _PLAIN:
            kind, day = TurningKind(point.kind), timezone.localdate(point.at)
            found.append(Happening(kind, day, None, said[point.kind, point.subject]))
    return sorted(found, key=attrgetter("day"))
