"""What a crash test asks of an instance, in a process where the instance is loaded."""

import json
import sys
from typing import TYPE_CHECKING

from stimme.cli import load_instance
from tests.crash.instances import DOCUMENTS, VOTERS

if TYPE_CHECKING:
    from collections.abc import Callable

_ASKED = 2000  # accounts that vote and get a mail


def prepare() -> None:
    """Make the tables, the boxes, and accounts for the seats of a storm."""
    from django.core.management import call_command

    from stimme.apps.accounts.models import User
    from stimme.apps.ballot.services import open_box
    from stimme.engines.translog import cause_id

    call_command("migrate", verbosity=0)
    for document in DOCUMENTS:
        open_box(cid=cause_id(document), document=document)
    names = (f"voter{number}@example.org" for number in range(VOTERS))
    users = [User(email=name, canonical_email=name, password="!") for name in names]
    User.objects.bulk_create(users, batch_size=1000)


def holds() -> dict[str, object]:
    """Seal what is pending, and tell what the database holds."""
    from stimme.apps.ballot.models import Entry, PendingLine, Seat
    from stimme.apps.ballot.recounting import wrong_tallies
    from stimme.apps.ballot.sealer import seal
    from tests.house import seats_counted

    seal(everything=True)
    return {
        "pending": PendingLine.objects.count(),
        "entries": Entry.objects.count(),
        "wrong_tallies": wrong_tallies(),
        "seats": [str(seat.line) for seat in Seat.objects.all()],
        "counted": [[*key, number] for key, number in sorted(seats_counted().items())],
    }


def join() -> None:
    """Let people join, one after the other, for as long as a backup takes."""
    from django.conf import settings

    from stimme.apps.accounts.models import User
    from stimme.apps.accounts.services import account_secret

    for number in range(300):
        account_secret(user=User.objects.create_user(f"newcomer{number}@example.org"))
        (settings.STIMME.home / "joining").touch()


def decide() -> dict[str, list[str]]:
    """Let 2,000 accounts vote on a cause, others not, and decide it; tell who voted."""
    from datetime import date

    from django.utils import timezone

    from stimme.apps.accounts.models import AccountSecret, User
    from stimme.apps.ballot.casting import Vote
    from stimme.apps.ballot.pseudonyms import pseudonym_of
    from stimme.apps.ballot.services import cast_batch
    from stimme.apps.organisations.models import Result
    from stimme.apps.organisations.services import find_or_add_organisation, record_decision
    from stimme.engines.translog import hour_of
    from tests.house import start_cause, version_of

    voters = list(User.objects.order_by("pk")[:_ASKED])
    others = [User(email=f"reader{n}@example.org", password="!") for n in range(VOTERS // 5)]
    User.objects.bulk_create(others)
    everybody = User.objects.order_by("pk")
    secrets = [AccountSecret(user=user, secret=user.pk.to_bytes(32, "big")) for user in everybody]
    AccountSecret.objects.bulk_create(secrets)
    bob = User.objects.create_user("bob@example.org", is_staff=True)
    cause = start_cause(bob, find_or_add_organisation(name="Corner Shop"), "Bring back Product X")
    cid, hour = version_of(cause).cid, hour_of(timezone.now())
    people = [pseudonym_of(secret=user.pk.to_bytes(32, "big"), cid=cid) for user in voters]
    votes = [Vote(cid, p, "for" if n % 2 else "against", 0, hour) for n, p in enumerate(people)]
    for start in range(0, len(votes), 500):
        cast_batch(votes[start : start + 500])
    record_decision(
        by=bob,
        cause=cause,
        result=Result.GRANTED,
        summary="From May on.",
        source_url="",
        decided_on=date(2026, 11, 1),
    )
    return {"voters": sorted(user.email for user in voters)}


def hurry() -> None:
    """What would be tried later is due now."""
    from django.utils import timezone

    from stimme.apps.ledger.models import Mailing

    Mailing.objects.filter(due_at__isnull=False).update(due_at=timezone.now())


WORK: "dict[str, Callable[[], object]]" = {
    "prepare": prepare,
    "holds": holds,
    "join": join,
    "decide": decide,
    "hurry": hurry,
}

if __name__ == "__main__":
    load_instance()
    sys.stdout.write(json.dumps(WORK[sys.argv[1]]()))
