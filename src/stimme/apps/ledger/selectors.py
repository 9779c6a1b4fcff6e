"""What became of my votes: one account's own view, computed and never stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from stimme.apps.accounts.models import User
from stimme.apps.ballot.receipts import Receipt, latest_receipts
from stimme.apps.causes.models import CauseVersion
from stimme.apps.organisations.models import Decision


@dataclass(frozen=True, slots=True)
class Entry:
    """One vote of mine, and what became of what it asked for."""

    receipt: Receipt
    version: CauseVersion
    decision: Decision | None

    @property
    def has_newer_version(self) -> bool:
        return self.version.cause.current_id != self.version.pk


def own_receipts(*, user: User) -> list[Receipt]:
    """Receipts of every version of every cause the user voted on, the latest vote first."""
    cids = CauseVersion.objects.order_by().values_list("cid", flat=True)
    return latest_receipts(user=user, cids=list(cids))


def entries(receipts: Sequence[Receipt]) -> list[Entry]:
    """Add the causes and their latest decisions, in two queries."""
    versions = {
        version.cid: version
        for version in CauseVersion.objects.filter(
            cid__in=[receipt.vote.cid for receipt in receipts]
        )
        .select_related("cause__organisation")
        .defer("document", "what_changes", "cause__search_text")
    }
    decisions = Decision.objects.filter(cause__versions__in=versions.values()).order_by(
        "decided_on", "pk"
    )
    latest = {decision.cause_id: decision for decision in decisions}
    own = [(receipt, versions[receipt.vote.cid]) for receipt in receipts]
    return [Entry(receipt, version, latest.get(version.cause_id)) for receipt, version in own]
