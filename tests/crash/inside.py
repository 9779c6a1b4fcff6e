"""What a crash test asks of an instance, in a process where the instance is loaded."""

import json
import sys
from typing import TYPE_CHECKING

from stimme.cli import load_instance
from tests.crash.instances import DOCUMENTS, VOTERS

if TYPE_CHECKING:
    from collections.abc import Callable


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


WORK: "dict[str, Callable[[], object]]" = {"prepare": prepare, "holds": holds, "join": join}

if __name__ == "__main__":
    load_instance()
    sys.stdout.write(json.dumps(WORK[sys.argv[1]]()))
