"""What the benchmark of notices does inside an instance."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from django.utils import timezone

from stimme.apps.accounts.models import AccountSecret, User
from stimme.apps.ballot.casting import Vote
from stimme.apps.ballot.models import Seat
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.services import cast_batch
from stimme.apps.causes.models import Cause
from stimme.apps.ledger.models import Mailing
from stimme.apps.ledger.schedule import enrol, horizons
from stimme.apps.ledger.sending import send_due
from stimme.apps.organisations.models import Result
from stimme.apps.organisations.services import record_decision
from stimme.engines.translog import hour_of

from .inside import publish

_AT_ONCE = 1000


def give_secrets() -> None:
    """As if every account had opened a cause once."""
    accounts = User.objects.order_by("pk").values_list("pk", flat=True)
    rows = [AccountSecret(user_id=pk, secret=_secret(pk)) for pk in accounts]
    AccountSecret.objects.bulk_create(rows, batch_size=_AT_ONCE)


def _secret(account: int) -> bytes:
    return account.to_bytes(32, "big")


def decide(voters: int) -> None:
    """Let the first so many accounts vote on a new cause, on both sides, and decide it."""
    slug, cid = publish(f"Bring back Product {datetime.now(UTC).timestamp()}")
    hour = hour_of(timezone.now())
    accounts = list(User.objects.order_by("pk").values_list("pk", flat=True)[:voters])
    people = [pseudonym_of(secret=_secret(account), cid=cid) for account in accounts]
    votes = [Vote(cid, p, "for" if n % 2 else "against", 0, hour) for n, p in enumerate(people)]
    for start in range(0, len(votes), _AT_ONCE):
        cast_batch(votes[start : start + _AT_ONCE])
    assert Seat.objects.filter(cid=cid).count() == voters
    staff, _ = User.objects.get_or_create(email="staff@example.org", defaults={"is_staff": True})
    record_decision(
        by=staff,
        cause=Cause.objects.get(slug=slug),
        result=Result.GRANTED,
        summary="From May on.",
        source_url="",
        decided_on=timezone.localdate(),
    )


def enrol_all() -> float:
    """Give every account its settings, as happens once; return the seconds."""
    start = time.perf_counter()
    enrol(horizons(timezone.now()))
    return time.perf_counter() - start


def send_all() -> tuple[int, int, float, float]:
    """Send all that is due: accounts looked at, mails, seconds, and CPU seconds of this process."""
    looked_at = mailed = 0
    start, cpu = time.perf_counter(), time.process_time()
    more = True
    while more:
        sent = send_due(limit=_AT_ONCE)
        assert not sent.unreachable, sent.unreachable
        looked_at, mailed, more = looked_at + sent.looked_at, mailed + sent.mailed, sent.more
    return looked_at, mailed, time.perf_counter() - start, time.process_time() - cpu


def noted() -> Sequence[int]:
    """Mailboxes that were mailed, and those that are owed a mail."""
    rows = Mailing.objects.all()
    return rows.filter(due_at=None).count(), rows.exclude(due_at=None).count()
