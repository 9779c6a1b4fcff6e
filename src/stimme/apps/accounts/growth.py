"""How many accounts are new, hour by hour, and when that is unusual. The rule is published."""

import logging
from datetime import datetime, timedelta
from statistics import median

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from stimme.apps.accounts.models import Growth

logger = logging.getLogger(__name__)
# Unusual is more than FEW, and more than TIMES the median of the same hour of DAYS days.
FEW = 20
TIMES = 5
DAYS = 14


@transaction.atomic
def count_new_account(*, domain: str, network: str) -> None:
    """Count one new account for this hour: in all, of its mail domain, and from its network."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    # Always in this order, so that two who count at once never wait for each other.
    for kind, name in [
        (Growth.Kind.ALL, ""),
        (Growth.Kind.DOMAIN, domain),
        (Growth.Kind.NETWORK, network),
    ]:
        _alarm(_counted(kind, name, hour))


def _counted(kind: Growth.Kind, name: str, hour: datetime) -> Growth:
    rows = Growth.objects.filter(kind=kind, name=name, hour=hour)
    if not rows.update(number=F("number") + 1):
        Growth.objects.get_or_create(kind=kind, name=name, hour=hour, defaults={"number": 0})
        rows.update(number=F("number") + 1)
    return rows.get()


def _alarm(growth: Growth) -> None:
    """Note, and say once in the messages of the program, that an hour has become unusual."""
    if growth.usual is not None or growth.number <= FEW:
        return
    usual = _usual(growth)
    if growth.number > TIMES * usual:
        Growth.objects.filter(pk=growth.pk).update(usual=usual)
        logger.warning("unusual growth: %s (usually %g)", growth, usual)


def _usual(growth: Growth) -> float:
    """Return the median of the same hour of the days before; a day without a row had none."""
    hours = [growth.hour - timedelta(days=day) for day in range(1, DAYS + 1)]
    earlier = Growth.objects.filter(kind=growth.kind, name=growth.name, hour__in=hours)
    numbers = [*earlier.values_list("number", flat=True)]
    return median([*numbers, *[0] * (DAYS - len(numbers))])
