from datetime import timedelta

from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from stimme.apps.accounts.levels import Level
from stimme.apps.accounts.models import ErasedAccounts, Growth, User


def accounts_by_level() -> dict[int, int]:
    """Number of accounts that ever reached each level, erased ones included."""
    living = User.objects.values_list("level_reached").annotate(number=Count("pk"))
    erased = ErasedAccounts.objects.values_list("level").annotate(Sum("number"))
    reached: dict[int, int] = {}
    for level, number in [*living, *erased]:
        reached[level] = reached.get(level, 0) + number
    own = [level for level in Level if level != Level.IMPORTED]
    return {
        level: sum(number for reached_level, number in reached.items() if reached_level >= level)
        for level in own
    }


def unusual_hours() -> QuerySet[Growth]:
    """Return the hours with unusually many new accounts, newest first, as far as they are kept."""
    return Growth.objects.filter(usual__isnull=False).order_by("-hour", "kind", "name")


def growth_of_a_day() -> QuerySet[Growth]:
    """Return the new accounts of the last 24 hours, hour by hour, newest first."""
    since = timezone.now() - timedelta(days=1)
    return Growth.objects.filter(kind=Growth.Kind.ALL, hour__gte=since).order_by("-hour")
