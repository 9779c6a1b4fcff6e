"""What protects accounts is kept no longer than it protects."""

import time
from datetime import timedelta

from django.utils import timezone

from stimme.apps.accounts.departures import forget_old_departures
from stimme.apps.accounts.growth import DAYS
from stimme.apps.accounts.models import Bucket, Growth


def forget_old_counts(*, at_most: int = 10_000) -> None:
    """Delete full buckets, counts of new accounts after 14 days, departed mailboxes after a year.

    Deletes `at_most` of each in one go, so that nobody waits for it; what is left goes next time.
    """
    _forget_full_buckets(at_most)
    forget_old_departures(at_most=at_most)
    old = Growth.objects.filter(hour__lt=timezone.now() - timedelta(days=DAYS, hours=1))
    Growth.objects.filter(pk__in=old.values("pk")[:at_most]).delete()


def _forget_full_buckets(at_most: int) -> None:
    full = Bucket.objects.filter(full_at__lt=int(time.time() * 1_000_000))
    # `full` twice: what is drawn from while this waits for its lock is not full any more.
    full.filter(pk__in=full.values("pk")[:at_most]).delete()
