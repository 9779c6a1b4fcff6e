"""Make the tables, one cause and so many signed-in accounts: `python -m django_orm.seed 20000`.

Prints the session key of each, a line each.
"""

import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import django
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management import call_command
from django.utils import timezone

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LIFETIME = timedelta(days=1)


def seed(number: int) -> list[str]:
    from django.contrib.auth.models import User  # noqa: PLC0415  # needs django.setup

    from .models import Cause  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    Cause.objects.create(pk=1, ask="Bring back Product X")
    users = [User(username=f"voter{one}") for one in range(number)]
    return _sign_in(User.objects.bulk_create(users, batch_size=5000))


def _sign_in(users: list["User"]) -> list[str]:
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415
    from django.contrib.sessions.models import Session  # noqa: PLC0415

    store, expires = SessionStore(), timezone.now() + LIFETIME
    rows = [
        Session(
            session_key=f"{user.pk:032d}",
            session_data=store.encode(_session(user)),
            expire_date=expires,
        )
        for user in users
    ]
    Session.objects.bulk_create(rows, batch_size=5000)
    return [row.session_key for row in rows]


def _session(user: "User") -> dict[str, str]:
    return {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }


if __name__ == "__main__":
    django.setup()
    print("\n".join(seed(int(sys.argv[1]))))
