"""What is noted of the mails to one account: sent today, refused, owed."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from stimme.apps.ledger.models import Mailing

# Refusals of one mailbox in a row until it is given up: for good, and for now.
_FOR_GOOD, _FOR_NOW = 3, 12
_SHORTEST, _LONGEST = timedelta(minutes=10), timedelta(days=1)


def had_mail(mailing: Mailing, now: datetime) -> bool:
    """Whether the one mail of this day is gone."""
    return mailing.mailed_on == timezone.localdate(now)


def put_off(mailing: Mailing, points: Collection[int], *, until: datetime) -> None:
    """Owe these turning points, too; what is owed already keeps its time."""
    mailing.owed = sorted({*mailing.owed, *points})
    mailing.due_at = mailing.due_at or until
    _save(mailing)


def note_mailed(mailing: Mailing, points: Collection[int], now: datetime) -> None:
    mailing.mailed_on = timezone.localdate(now)
    _settle(mailing, points)


def note_refused(
    mailing: Mailing, points: Collection[int], now: datetime, *, for_good: bool
) -> bool:
    """Owe them again after a growing pause. Returns whether they are given up instead."""
    mailing.refusals += 1
    if mailing.refusals >= (_FOR_GOOD if for_good else _FOR_NOW):
        _settle(mailing, points)
        return True
    mailing.due_at = None
    pause = min(_SHORTEST * 4 ** (mailing.refusals - 1), _LONGEST)
    put_off(mailing, points, until=now + pause)
    return False


def drop_debts(mailing: Mailing) -> None:
    """Owe nothing any more."""
    _settle(mailing, ())


def _settle(mailing: Mailing, points: Collection[int]) -> None:
    mailing.told = sorted({*mailing.told, *points})
    mailing.owed, mailing.due_at, mailing.refusals = [], None, 0
    _save(mailing)


def _save(mailing: Mailing) -> None:
    mailing.save(force_insert=mailing._state.adding)  # noqa: SLF001  documented by Django


def forget_old(now: datetime) -> None:
    """Delete what has no use any more. Only when no batch is open: it may begin again."""
    today = timezone.localdate(now)
    before = Q(mailed_on__lt=today) | Q(mailed_on=None)
    Mailing.objects.filter(before, due_at=None).delete()
