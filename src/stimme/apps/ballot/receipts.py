"""What a voter can take away: the promise at once, the proof after sealing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings

from stimme.apps.accounts.levels import Level
from stimme.apps.accounts.models import AccountSecret, User
from stimme.apps.ballot import publisher
from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.log_keys import receipt_signer
from stimme.apps.ballot.models import Line
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.seats import AT_ONCE, SeatKey, seats_of
from stimme.engines.translog import (
    PromiseFile,
    Proof,
    Tree,
    VoteLine,
    inclusion_path,
    parse_hour,
    short_code,
    sign_promise,
)

_HASH = 32


@dataclass(frozen=True, slots=True)
class Receipt:
    """The latest line of one seat, and what is promised or proved of it."""

    line: Line
    vote: VoteLine

    @property
    def text(self) -> str:
        return self.line.text

    @property
    def choice(self) -> Choice:
        return Choice(self.vote.choice)

    @property
    def code(self) -> str:
        return short_code(self.line.text)

    @property
    def hour(self) -> datetime:
        """The beginning of the hour in which the vote was cast: all that the log keeps of it."""
        return parse_hour(self.vote.hour)

    @property
    def level(self) -> Level:
        return Level(int(self.vote.level[0]))

    @property
    def deadline(self) -> datetime:
        assert self.line.promise
        return datetime.fromtimestamp(self.line.promise.deadline, UTC)

    @property
    def sealed(self) -> bool:
        """Whether the line is in the log that everybody can read now."""
        published = publisher.size_of(publisher.published_checkpoint())
        return self.line.log_index is not None and self.line.log_index < published

    def promise_file(self) -> str:
        """The `stimme/promise@v1` file: signed evidence that the line will be in the log."""
        line, promise = self.line, self.line.promise
        assert promise
        assert line.promise_index is not None
        joined = bytes(promise.leaves)
        leaves = [joined[i : i + _HASH] for i in range(0, len(joined), _HASH)]
        note = sign_promise(receipt_signer(), settings.STIMME.origin, leaves, promise.deadline)
        path = inclusion_path(leaves, line.promise_index)
        return PromiseFile(line.text.encode(), line.promise_index, tuple(path), note).encode()

    def proof_file(self) -> str | None:
        """The `.tlog-proof` file against the newest checkpoint, or None before sealing."""
        checkpoint = publisher.published_checkpoint()
        index = self.line.log_index
        if checkpoint is None or index is None:
            return None
        size = publisher.size_of(checkpoint)
        if index >= size:
            return None
        path = Tree(publisher.read, size).inclusion_path(index)
        return Proof(self.line.text.encode(), index, tuple(path), checkpoint).encode()


def receipt_for(*, user: User, cid: str) -> Receipt | None:
    """Return the user's own receipt in one box, or None."""
    secret = AccountSecret.objects.filter(user=user).first()
    return receipt_of((cid, pseudonym_of(secret=bytes(secret.secret), cid=cid))) if secret else None


def latest_receipts(*, user: User, cids: Iterable[str]) -> list[Receipt]:
    """Return the user's receipts in those boxes, the latest vote first."""
    secret = AccountSecret.objects.filter(user=user).first()
    if secret is None:
        return []
    own = bytes(secret.secret)
    seats = list(seats_of([(cid, pseudonym_of(secret=own, cid=cid)) for cid in cids]))
    parts = [seats[i : i + AT_ONCE] for i in range(0, len(seats), AT_ONCE)]
    receipts = [_receipt(line) for part in parts for line in _latest_lines(part)]
    return sorted(receipts, key=lambda one: (one.vote.hour, one.line.pk), reverse=True)


def _latest_lines(seats: list[SeatKey]) -> Iterable[Line]:
    cids, pseudonyms = zip(*seats, strict=True)
    lines = Line.objects.filter(kind="vote", cid__in=cids, p__in=pseudonyms).order_by("seq")
    return {line.p: line for line in lines}.values()


def receipt_of(seat: SeatKey) -> Receipt | None:
    """Return the receipt of a seat's latest line, or None where nobody has voted."""
    cid, pseudonym = seat
    line = (
        Line.objects.filter(kind="vote", cid=cid, p=pseudonym)
        .select_related("promise")
        .order_by("-seq")
        .first()
    )
    return _receipt(line) if line else None


def _receipt(line: Line) -> Receipt:
    return Receipt(line, VoteLine.parse(line.text))
