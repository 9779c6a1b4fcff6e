"""Which notices may be mailed by now, and which accounts have not been looked at for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from stimme.apps.accounts.models import User
from stimme.apps.ballot.models import TurningKind, TurningPoint
from stimme.apps.ledger.models import Frequency, NoticeState

MORNING = 6  # o'clock, in the time zone of the instance: digests, and what had to wait a day
URGENT = TurningKind.DECISION
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Horizons:
    """Up to which turning point (its key) all may be told: urgent ones, and others by frequency."""

    urgent: int
    digest: Mapping[str, int]

    def lets_through(self, point: TurningPoint, state: NoticeState) -> bool:
        """Whether this account has not been looked at for this turning point, but may be."""
        if point.kind == URGENT:
            return state.urgent_up_to < point.pk <= self.urgent
        return state.digest_up_to < point.pk <= self.digest[state.frequency]


@transaction.atomic
def horizons(now: datetime) -> Horizons:
    """Weekly digests tell what happened until Monday morning, daily ones until this morning."""
    _wait_for_open_turns()
    morning = _last_morning(now)
    monday = morning - timedelta(days=morning.weekday())
    found = TurningPoint.objects.aggregate(
        urgent=Max("pk", filter=Q(kind=URGENT)),
        weekly=Max("pk", filter=Q(at__lt=monday)),
        daily=Max("pk", filter=Q(at__lt=morning)),
    )
    digest: dict[str, int] = {
        Frequency.WEEKLY: found["weekly"] or 0,
        Frequency.DAILY: found["daily"] or 0,
    }
    return Horizons(found["urgent"] or 0, digest)


def _wait_for_open_turns() -> None:
    """Keys are given before commits: in PostgreSQL a lower one may still be to come."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {TurningPoint._meta.db_table} IN SHARE MODE")


def next_morning(now: datetime) -> datetime:
    """Return the morning of the next day."""
    return _morning_of(now) + timedelta(days=1)


def _last_morning(now: datetime) -> datetime:
    morning = _morning_of(now)
    return morning if morning <= now else morning - timedelta(days=1)


def _morning_of(now: datetime) -> datetime:
    return timezone.localtime(now).replace(hour=MORNING, minute=0, second=0, microsecond=0)


def due_states(due: Horizons, *, limit: int) -> Sequence[NoticeState]:
    """Return accounts of one frequency to look at next; those who want no mail are never due."""
    for frequency, digest in due.digest.items():
        for cursor, up_to in (("urgent_up_to", due.urgent), ("digest_up_to", digest)):
            behind = NoticeState.objects.filter(frequency=frequency, **{f"{cursor}__lt": up_to})
            found = list(behind.select_related("user").order_by(cursor, "user_id")[:limit])
            if found:
                return found
    return []


def enrol(due: Horizons) -> None:
    """Give settings to the accounts that have none, once for each new turning point."""
    weekly = NoticeState.objects.filter(frequency=Frequency.WEEKLY)
    reached = weekly.aggregate(urgent=Max("urgent_up_to"), digest=Max("digest_up_to"))
    if reached["urgent"] is not None and (
        reached["urgent"] >= due.urgent and reached["digest"] >= due.digest[Frequency.WEEKLY]
    ):
        return
    has_none = ~Exists(NoticeState.objects.filter(user=OuterRef("pk")))
    accounts = User.objects.filter(has_none).order_by("pk").values_list("pk", flat=True)
    while some := list(accounts[:_AT_ONCE]):
        states = [NoticeState(user_id=account) for account in some]
        NoticeState.objects.bulk_create(states, ignore_conflicts=True)
