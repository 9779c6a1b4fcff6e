"""What became of my votes: one account's own view, computed when read and never stored."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from stimme.apps.accounts.models import User
from stimme.apps.ballot.answers import own_answers, still_asking, turning_points
from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.models import TurningPoint
from stimme.apps.ballot.receipts import Receipt, latest_receipts
from stimme.apps.ballot.selectors import voters_by_box
from stimme.apps.causes.models import CauseVersion
from stimme.apps.ledger.happenings import Happening, happenings_of
from stimme.apps.organisations.models import Decision


@dataclass(frozen=True, slots=True)
class Entry:
    """One vote of mine, and what became of what it asked for."""

    receipt: Receipt
    version: CauseVersion
    # People whose vote on this version counts now.
    voters: int
    # The newest turning point, where it asks this vote and has no answer yet.
    asks: TurningPoint | None
    # Oldest first.
    happened: Sequence[Happening]

    @property
    def counts(self) -> bool:
        seat = self.receipt.seat
        return seat.choice != Choice.WITHDRAWN and not seat.annulled

    @property
    def decision(self) -> Decision | None:
        """The latest one."""
        subjects = (one.subject for one in reversed(self.happened))
        return next((one for one in subjects if isinstance(one, Decision)), None)

    @property
    def has_newer_version(self) -> bool:
        return self.version.cause.current_id != self.version.pk

    @property
    def year(self) -> int:
        """Of the vote as it is now: a seat keeps the hour of its latest change."""
        return timezone.localtime(self.receipt.hour).year


def ledger_of(*, user: User) -> list[Entry]:
    """Read every vote of the account, in ten queries however many there are.

    Those that are asked something come first, then the latest votes.
    """
    cids = CauseVersion.objects.order_by().values_list("cid", flat=True)
    entries = _entries(latest_receipts(user=user, cids=list(cids)))
    return sorted(entries, key=lambda entry: entry.asks is None)


def entry_of(*, user: User, cid: str) -> Entry | None:
    """Return the entry of one vote, or None where there is no vote."""
    return next(_entries(latest_receipts(user=user, cids=[cid])), None)


def _entries(receipts: Sequence[Receipt]) -> Iterator[Entry]:
    seats = {receipt.seat.cid: receipt.seat for receipt in receipts}
    versions, voters = _versions(seats), voters_by_box(seats)
    points, answers = turning_points(seats), own_answers(seats)
    asking = still_asking(seats, points, answers)
    happened = happenings_of(versions.values(), points, answers)
    for receipt in receipts:
        cid = receipt.seat.cid
        version, number = versions[cid], voters.get(cid, 0)
        yield Entry(receipt, version, number, asking.get(cid), happened[cid])


def _versions(cids: Collection[str]) -> Mapping[str, CauseVersion]:
    versions = CauseVersion.objects.filter(cid__in=cids).select_related("cause__organisation")
    light = versions.defer("document", "what_changes", "cause__search_text")
    return {version.cid: version for version in light}
