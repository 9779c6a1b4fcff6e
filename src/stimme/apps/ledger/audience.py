"""Whom a turning point is told to: worked out from secrets and seats for many accounts at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from stimme.apps.accounts.models import AccountSecret
from stimme.apps.ballot.answers import box_at
from stimme.apps.ballot.models import TurningPoint
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.seats import seats_of
from stimme.apps.ballot.tables import SeatKey
from stimme.apps.ledger.models import NoticeState


@dataclass(frozen=True, slots=True)
class Look:
    """One account, and the turning points it may have to be told of."""

    state: NoticeState
    points: Sequence[TurningPoint]

    def seats(self, secret: bytes) -> dict[str, SeatKey]:
        """Where its votes would be, by box."""
        cids = {point.cid for point in self.points}
        return {cid: (cid, pseudonym_of(secret=secret, cid=cid)) for cid in cids}


def asked_of(looks: Sequence[Look]) -> Iterator[Look]:
    """Yield the accounts whose votes were asked, with the turning points that did; two queries."""
    secrets = _secrets(looks)
    voters = [look for look in looks if look.state.pk in secrets]
    keys = {look.state.pk: look.seats(secrets[look.state.pk]) for look in voters}
    wanted = {key for found in keys.values() for key in found.values()}
    held = seats_of(wanted) if wanted else {}
    for look in voters:
        own = {cid: held[key] for cid, key in keys[look.state.pk].items() if key in held}
        asking = [one for one in look.points if one.cid in own and box_at(one).asks(own[one.cid])]
        if asking:
            yield Look(look.state, asking)


def _secrets(looks: Sequence[Look]) -> Mapping[int, bytes]:
    """Accounts that never saw a cause signed in have none."""
    accounts = [look.state.pk for look in looks if look.points]
    rows = AccountSecret.objects.filter(user__in=accounts).values_list("user", "secret")
    return {account: bytes(secret) for account, secret in rows}
