"""Reading turning points, and what voters said after them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q

from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.models import Answer, Box, Seat, TurningPoint
from stimme.apps.ballot.tables import BoxNow, Held


@dataclass(frozen=True, slots=True)
class Considered:
    """What voters said after one turning point: counts of those who answered, and no others."""

    asked: int
    stood: int = 0
    # Number of votes by what they were before and are after, where these differ.
    moved: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        return self.stood + sum(self.moved.values())

    @property
    def withdrew(self) -> int:
        return sum(number for (_, after), number in self.moved.items() if after == Choice.WITHDRAWN)

    @property
    def changed(self) -> int:
        """Those who went over to the other side."""
        return self.answered - self.stood - self.withdrew

    @property
    def silent(self) -> int:
        """Those who have not answered; never less than none, though annulled votes may return."""
        return max(0, self.asked - self.answered)


def edition_of(cid: str) -> int:
    """How many turning points the box has had. Raises Box.DoesNotExist."""
    return Box.objects.values_list("edition", flat=True).get(cid=cid)


def turning_points(cids: Collection[str]) -> dict[str, list[TurningPoint]]:
    """The turning points of each of these boxes that has some, oldest first."""
    found: dict[str, list[TurningPoint]] = defaultdict(list)
    for point in TurningPoint.objects.filter(cid__in=cids).order_by("cid", "edition"):
        found[point.cid].append(point)
    return dict(found)


def unanswered(seats: Mapping[str, Held]) -> dict[str, TurningPoint]:
    """The newest turning point of each box, where it asks the seat and has no answer of it."""
    return still_asking(seats, turning_points(seats.keys()), own_answers(seats))


def still_asking(
    seats: Mapping[str, Held],
    points: Mapping[str, Sequence[TurningPoint]],
    answers: Mapping[tuple[str, int], Answer],
) -> dict[str, TurningPoint]:
    """Return the same, for whoever has read turning points and answers already."""
    newest = {cid: found[-1] for cid, found in points.items() if found}
    return {
        cid: point
        for cid, point in newest.items()
        if box_at(point).asks(seats[cid]) and (cid, point.edition) not in answers
    }


def box_at(point: TurningPoint) -> BoxNow:
    """Return the box as the turning point left it: it tells which seats that concerns."""
    return BoxNow("", point.edition, point.hours_from, point.hours_to)


def own_answers(seats: Mapping[str, Held]) -> dict[tuple[str, int], Answer]:
    """What these seats said, by cid and edition."""
    wanted = {(cid, seat.p) for cid, seat in seats.items()}
    if not wanted:
        return {}
    rows = Answer.objects.filter(cid__in=seats.keys(), p__in=[p for _, p in wanted])
    return {(row.cid, row.edition): row for row in rows if (row.cid, row.p) in wanted}


def considered(points: Collection[TurningPoint]) -> dict[int, Considered]:
    """The counts of the answers to each of these, by its key; annulled votes are left out."""
    if not points:
        return {}
    wanted = Q(pk__in=[])
    for point in points:
        wanted |= Q(cid=point.cid, edition=point.edition)
    annulled = Seat.objects.filter(cid=OuterRef("cid"), p=OuterRef("p")).exclude(annulled="")
    rows = (
        Answer.objects.filter(wanted)
        .filter(~Exists(annulled))
        .values_list("cid", "edition", "before", "after")
        .annotate(number=Count("p"))
        .order_by()
    )
    counts: dict[tuple[str, int], dict[tuple[str, str], int]] = defaultdict(dict)
    for cid, edition, before, after, number in rows:
        counts[cid, edition][before, after] = number
    return {point.pk: _considered(point, counts[point.cid, point.edition]) for point in points}


def _considered(point: TurningPoint, counts: Mapping[tuple[str, str], int]) -> Considered:
    moved = {pair: number for pair, number in counts.items() if pair[0] != pair[1]}
    return Considered(point.asked, sum(counts.values()) - sum(moved.values()), moved)
