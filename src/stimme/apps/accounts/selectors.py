from django.db.models import Count, Sum

from stimme.apps.accounts.levels import Level
from stimme.apps.accounts.models import ErasedAccounts, User


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
