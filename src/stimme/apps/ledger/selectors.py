"""What became of my votes: one account's own view, computed when read and never stored."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef
from django.db.models.functions import Coalesce
from django.utils import timezone

from stimme.apps.accounts.models import User
from stimme.apps.ballot.answers import own_answers, still_asking, turning_points
from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.models import TurningPoint
from stimme.apps.ballot.receipts import Receipt, latest_receipts
from stimme.apps.ballot.selectors import voters_of
from stimme.apps.causes.considering import answerable
from stimme.apps.causes.models import CauseVersion
from stimme.apps.ledger.happenings import Happening, Said, happenings_of
from stimme.apps.organisations.models import Commitment


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
    def decision(self) -> Said | None:
        """The latest one."""
        subjects = (one.subject for one in reversed(self.happened))
        return next((one for one in subjects if isinstance(one, Said) and one.result), None)

    @property
    def commitments(self) -> list[Commitment]:
        subjects = (one.subject for one in self.happened)
        return [one for one in subjects if isinstance(one, Commitment)]

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
    versions, voters = _versions(seats)
    points, answers = turning_points(seats), own_answers(seats)
    asking = answerable(still_asking(seats, points, answers), versions)
    happened = happenings_of(versions.values(), points, answers)
    for receipt in receipts:
        cid = receipt.seat.cid
        yield Entry(receipt, versions[cid], voters[cid], asking.get(cid), happened[cid])


def _versions(cids: Collection[str]) -> tuple[dict[str, CauseVersion], dict[str, int]]:
    """Return the versions, and how many votes on each count now."""
    found = CauseVersion.objects.filter(cid__in=cids).select_related("cause__organisation")
    light = found.defer("document", "what_changes", "cause__search_text")
    counted = list(light.annotate(voters=Coalesce(voters_of(OuterRef("cid")), 0)))
    versions: dict[str, CauseVersion] = {version.cid: version for version in counted}
    return versions, {version.cid: version.voters for version in counted}
