import secrets

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F

from stimme.apps.accounts.levels import Level
from stimme.apps.accounts.models import AccountSecret, ErasedAccounts, User


def account_secret(*, user: User) -> bytes:
    """Return the account's 32 secret bytes (s_a), making them at first use."""
    row, _ = AccountSecret.objects.get_or_create(
        user=user, defaults={"secret": secrets.token_bytes(32)}
    )
    return bytes(row.secret)


def current_level(*, user: User) -> Level:
    """Return the level the account votes with now, and remember the highest it ever had."""
    passkeys = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    level = Level.PASSKEY if passkeys.exists() else Level.EMAIL
    if level > user.level_reached:
        user.level_reached = level
        user.save(update_fields=["level_reached"])
    return level


@transaction.atomic
def erase_account(*, user: User) -> None:
    """Delete the account, its addresses, passkeys and secret; the log stays as it is.

    Votes that were not withdrawn before remain as numbers that nobody can tie to anybody.
    """
    ErasedAccounts.objects.get_or_create(level=user.level_reached)
    ErasedAccounts.objects.filter(level=user.level_reached).update(number=F("number") + 1)
    user.delete()
