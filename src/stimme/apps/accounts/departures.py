"""One mailbox, one vote on a cause: also for those who leave and come back.

A mailbox that an account leaves, by being erased or by moving to another address, is remembered
for a year, as a keyed hash. The next account of that mailbox gives first votes only on causes
that were opened later.
"""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from stimme.apps.accounts.canonical import canonical
from stimme.apps.accounts.models import AccountSecret, DepartedMailbox, User

DAYS = 365


def note_departure(*, user: User, email: str) -> None:
    """Remember that the account leaves this address. Call it in the transaction of that.

    Nobody is remembered who never had a ballot paper: those have no secret.
    """
    if not AccountSecret.objects.filter(user=user).exists():
        return
    now = timezone.now()
    row, is_new = DepartedMailbox.objects.get_or_create(
        key=_hashed(email), defaults={"left_at": now}
    )
    if not is_new:
        # Never back: a clock may have been.
        DepartedMailbox.objects.filter(pk=row.pk, left_at__lt=now).update(left_at=now)


def note_arrival(*, user: User) -> None:
    """Bind a new account, or one with a new address, to what its mailbox may have voted before.

    Call it when the mailbox is the account's already: whoever leaves it meanwhile is seen then.
    """
    row = DepartedMailbox.objects.filter(key=_hashed(user.email)).first()
    if row is None:
        return
    earlier = Q(votes_on_causes_since=None) | Q(votes_on_causes_since__lt=row.left_at)
    User.objects.filter(earlier, pk=user.pk).update(votes_on_causes_since=row.left_at)
    user.refresh_from_db(fields=["votes_on_causes_since"])


def forget_old_departures(*, at_most: int) -> None:
    old = DepartedMailbox.objects.filter(left_at__lt=timezone.now() - timedelta(days=DAYS))
    # `old` twice: who leaves again while this waits for its lock is remembered from then on.
    old.filter(pk__in=old.values("pk")[:at_most]).delete()


def _hashed(email: str) -> str:
    mailbox = canonical(email)
    return salted_hmac("stimme.accounts.departures", mailbox, algorithm="sha256").hexdigest()
