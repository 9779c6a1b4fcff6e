"""Mailing notices: accounts in batches, one mail a day at most, none twice and none lost.

All accounts of a batch move forward together, in one statement, when it is over; what was sent
meanwhile is noted under names that lead to nobody (`mailboxes`). So the database never says who
got a mail, and a batch that was interrupted begins again without repeating one.
"""

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import override

from stimme.apps.ballot.models import TurningPoint
from stimme.apps.ledger import mailings
from stimme.apps.ledger import notice_metrics as metrics
from stimme.apps.ledger.audience import Look, asked_of
from stimme.apps.ledger.mailboxes import account_of, message_key, name_of
from stimme.apps.ledger.models import Frequency, Mailing, NoticeState
from stimme.apps.ledger.notice_mails import Addressee, mail_with
from stimme.apps.ledger.notices import Notice, in_order
from stimme.apps.ledger.postman import Postman, Refused, Unreachable
from stimme.apps.ledger.schedule import Horizons, due_states, enrol, horizons, next_morning

# Seats looked up at once: fewer accounts make a batch when much has happened.
_SEATS_AT_ONCE = 20_000
# Chosen once: PostgreSQL knows a lock by its number.
_LOCK = int.from_bytes(b"notices", "big")


@dataclass(slots=True)
class Sent:
    """What one batch came to, in numbers of accounts."""

    looked_at: int = 0
    mailed: int = 0
    # They had their mail today, or their mailbox refuses: they get it later.
    put_off: int = 0
    given_up: int = 0
    # Whether there may be another batch at once.
    more: bool = False
    # Why the mail server took nothing more, if so.
    unreachable: str = ""
    # Whether another process is sending.
    busy: bool = False


def send_due(
    *,
    limit: int = 1000,
    now: datetime | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Sent:
    """Look at the next batch of at most `limit` accounts, and mail what is due to them.

    To be called again while there is `more`. Ends early once `stopped`, or when the mail server
    is away; then the next call begins the batch again.
    """
    with _alone() as first:
        if not first:
            return Sent(busy=True)
        with Postman() as postman:
            batch = _Batch(now or timezone.now(), postman, stopped)
            try:
                batch.sent.more = batch.pay_debts(limit) or batch.look_further(limit)
            except Unreachable as error:
                batch.sent.unreachable = str(error)
            except _Stopped:
                batch.sent.more = True
            else:
                if not batch.sent.more:
                    mailings.forget_old(batch.now)
            return batch.sent


class _Stopped(Exception):
    pass


@dataclass(slots=True)
class _Batch:
    now: datetime
    postman: Postman
    stopped: Callable[[], bool]
    sent: Sent = field(default_factory=Sent)
    # In each language: what was put into words already.
    _words: dict[str, dict[int, Notice]] = field(default_factory=dict)

    def pay_debts(self, limit: int) -> bool:
        """Mail what is owed and due. Returns whether anything was."""
        due = Mailing.objects.filter(due_at__lte=self.now).order_by("due_at", "who")[:limit]
        owed = {account_of(one.who): one for one in due}
        if not owed:
            return False
        states = {one.pk: one for one in _want_mail().filter(pk__in=[key for key in owed if key])}
        points = TurningPoint.objects.in_bulk({key for one in owed.values() for key in one.owed})
        looks = [
            Look(state, [points[key] for key in owed[account].owed if key in points])
            for account, state in states.items()
        ]
        self.sent.looked_at += len(looks)
        for look in asked_of(looks):
            self._mail(owed.pop(look.state.pk), look)
        # The rest wants no mail any more, is erased, or has withdrawn its votes.
        for mailing in owed.values():
            mailings.drop_debts(mailing)
        return True

    def look_further(self, limit: int) -> bool:
        """Look at the accounts that are behind. Returns whether there were any."""
        due = horizons(self.now)
        enrol(due)
        looks = _looks(due, due_states(due, limit=limit))
        if not looks:
            return False
        self.sent.looked_at += len(looks)
        asked = list(asked_of(looks))
        known = Mailing.objects.in_bulk([name_of(look.state.pk) for look in asked])
        for look in asked:
            name = name_of(look.state.pk)
            self._tell(known.get(name) or Mailing(who=name), look)
        _move([look.state for look in looks], due)
        return True

    def _tell(self, mailing: Mailing, look: Look) -> None:
        """Mail what is new, but no second time and no second mail on one day."""
        # Of earlier batches nothing comes again: those accounts have moved on.
        behind = min(look.state.urgent_up_to, look.state.digest_up_to)
        mailing.told = [key for key in mailing.told if key > behind]
        new = [point for point in look.points if point.pk not in {*mailing.told, *mailing.owed}]
        if not new or not look.state.user.is_active:
            return
        if mailing.owed or mailings.had_mail(mailing, self.now):
            keys = [point.pk for point in new]
            mailings.put_off(mailing, keys, until=next_morning(self.now))
            self.sent.put_off += 1
        else:
            self._mail(mailing, Look(look.state, new))

    def _mail(self, mailing: Mailing, look: Look) -> None:
        if self.stopped():
            raise _Stopped
        # Asked again for each mail: off means off, also while a long batch is under way.
        state = _want_mail().filter(pk=look.state.pk).first()
        if state is None:
            return
        keys = [point.pk for point in look.points]
        to = Addressee(
            state.pk, state.user.email, state.language or settings.LANGUAGE_CODE, state.salt
        )
        notices = self._in_words(look.points, to.language)
        if not notices:
            mailings.drop_debts(mailing)
            return
        mail = mail_with(notices, to=to, message_key=message_key(mailing.who, keys))
        try:
            self.postman.send(mail)
        except Refused as error:
            self._note_refused(mailing, keys, for_good=error.for_good)
        except Unreachable as error:
            if error.with_this_mail:  # the next round begins with another one
                self._note_refused(mailing, keys, for_good=False)
            raise
        else:
            mailings.note_mailed(mailing, keys, self.now)
            self.sent.mailed += 1
            metrics.MAILED.inc()

    def _note_refused(self, mailing: Mailing, keys: list[int], *, for_good: bool) -> None:
        metrics.REFUSED.inc()
        if mailings.note_refused(mailing, keys, self.now, for_good=for_good):
            self.sent.given_up += 1
            metrics.GIVEN_UP.inc()
        else:
            self.sent.put_off += 1

    def _in_words(self, points: Sequence[TurningPoint], language: str) -> list[Notice]:
        """In the order of the points; a box without a cause has no words."""
        known = self._words.setdefault(language, {})
        if missing := [point for point in points if point.pk not in known]:
            with override(language):
                known.update((notice.point.pk, notice) for notice in in_order(missing))
        return [known[point.pk] for point in points if point.pk in known]


def _want_mail() -> QuerySet[NoticeState]:
    states = NoticeState.objects.exclude(frequency=Frequency.OFF).filter(user__is_active=True)
    return states.select_related("user")


def _looks(due: Horizons, states: Sequence[NoticeState]) -> list[Look]:
    """The accounts of one batch with what they may have to be told."""
    if not states:
        return []
    behind = min(min(state.urgent_up_to, state.digest_up_to) for state in states)
    points = list(TurningPoint.objects.filter(pk__gt=behind).order_by("pk"))
    looks: list[Look] = []
    seats = 0
    for state in states:
        looks.append(Look(state, [one for one in points if due.lets_through(one, state)]))
        seats += len(looks[-1].points)
        if seats > _SEATS_AT_ONCE:
            break
    return looks


def _move(states: Sequence[NoticeState], due: Horizons) -> None:
    """Note, in one statement, that all these accounts have been looked at."""
    NoticeState.objects.filter(pk__in=[state.pk for state in states]).update(
        urgent_up_to=Greatest(F("urgent_up_to"), due.urgent),
        digest_up_to=Greatest(F("digest_up_to"), due.digest[states[0].frequency]),
    )


@contextmanager
def _alone() -> Iterator[bool]:
    """Say whether nobody else is sending: on this machine, and at this database."""
    with (settings.STIMME.home / "notices.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        with _alone_in_database() as first:
            yield first


@contextmanager
def _alone_in_database() -> Iterator[bool]:
    if connection.vendor != "postgresql":
        yield True
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        (first,) = cursor.fetchone()
    try:
        yield first
    finally:
        if first:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
