"""What a voter can take away: the promise at once, the proof after sealing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from django.conf import settings

from stimme.apps.accounts.levels import Level
from stimme.apps.accounts.models import User
from stimme.apps.ballot import publisher
from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.entries import entry_of_line
from stimme.apps.ballot.log_keys import receipt_signer
from stimme.apps.ballot.models import Promise
from stimme.apps.ballot.reasons import Reason
from stimme.apps.ballot.seats import seats_of
from stimme.apps.ballot.selectors import own_seats
from stimme.apps.ballot.tables import Held, SeatKey
from stimme.engines.translog import (
    PromisedBatch,
    Proof,
    Tree,
    VoteLine,
    parse_hour,
    short_code,
)

_HASH = 32


@dataclass(frozen=True)
class Receipt:
    """The latest line of one seat, and what is promised or proved of it."""

    seat: Held

    @property
    def text(self) -> str:
        return self.seat.text

    @cached_property
    def vote(self) -> VoteLine:
        return VoteLine.parse(self.text)

    @property
    def choice(self) -> Choice:
        return Choice(self.seat.choice)

    @property
    def annulled(self) -> str:
        """Why the vote is annulled, in words; nothing where it is not."""
        return str(Reason(self.seat.annulled).label) if self.seat.annulled else ""

    @property
    def code(self) -> str:
        return short_code(self.text)

    @property
    def hour(self) -> datetime:
        """The beginning of the hour in which the vote was cast: all that the log keeps of it."""
        return parse_hour(self.seat.hour)

    @property
    def level(self) -> Level:
        return Level(self.seat.level)

    @cached_property
    def _promise(self) -> Promise:
        return Promise.objects.get(pk=self.seat.promise)

    @property
    def deadline(self) -> datetime:
        return datetime.fromtimestamp(self._promise.deadline, UTC)

    @cached_property
    def index(self) -> int | None:
        """Where the line stands in the log that everybody can read now, or None."""
        entry = entry_of_line(self.text)
        published = publisher.size_of(publisher.published_checkpoint())
        return entry.log_index if entry and entry.log_index < published else None

    @property
    def sealed(self) -> bool:
        return self.index is not None

    def promise_file(self) -> str:
        """The `stimme/promise@v1` file: signed evidence that the line will be in the log."""
        joined = bytes(self._promise.leaves)
        leaves = [joined[i : i + _HASH] for i in range(0, len(joined), _HASH)]
        origin, deadline = settings.STIMME.origin, self._promise.deadline
        batch = PromisedBatch(receipt_signer(), origin, leaves, deadline)
        return batch.file(self.text, self.seat.promise_index)

    def proof_file(self) -> str | None:
        """The `.tlog-proof` file against the newest checkpoint, or None before sealing."""
        checkpoint = publisher.published_checkpoint()
        if checkpoint is None or self.index is None:
            return None
        path = Tree(publisher.read, publisher.size_of(checkpoint)).inclusion_path(self.index)
        return Proof(self.text.encode(), self.index, tuple(path), checkpoint).encode()


def receipt_for(*, user: User, cid: str) -> Receipt | None:
    """Return the user's own receipt in one box, or None."""
    seat = own_seats(user=user, cids=[cid]).get(cid)
    return Receipt(seat) if seat else None


def latest_receipts(*, user: User, cids: Collection[str]) -> list[Receipt]:
    """Return the user's receipts in those boxes, the latest vote first."""
    receipts = [Receipt(seat) for seat in own_seats(user=user, cids=cids).values()]
    return sorted(receipts, key=_when, reverse=True)


def _when(receipt: Receipt) -> tuple[str, int, int]:
    seat = receipt.seat
    return seat.hour, seat.promise, seat.promise_index


def receipt_of(seat: SeatKey) -> Receipt | None:
    """Return the receipt of a seat's latest line, or None where nobody has voted."""
    held = seats_of([seat]).get(seat)
    return Receipt(held) if held else None
