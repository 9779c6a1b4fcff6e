import secrets

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F

from stimme.apps.accounts.levels import Level
from stimme.apps.accounts.models import AccountSecret, ErasedAccounts, User


@transaction.atomic
def account_of_confirmed_address(*, email: str) -> User:
    """Return the account of an address whose owner has just proved it, making it if needed."""
    confirmed = EmailAddress.objects.filter(email=email, verified=True).select_related("user")
    if address := confirmed.first():
        return address.user
    user = _user_of(email)
    EmailAddress.objects.update_or_create(
        user=user, email=email, defaults={"verified": True, "primary": True}
    )
    return user


def _user_of(email: str) -> User:
    """Of two that make the same account at once, both get the one."""
    unusable = {"password": make_password(None)}
    return User.objects.get_or_create(email=email, defaults=unusable)[0]


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
        # Never down: another request may know of a higher one.
        User.objects.filter(pk=user.pk, level_reached__lt=level).update(level_reached=level)
    return level


@transaction.atomic
def make_staff(*, email: str) -> User:
    """Let the account of this address moderate and record; it is made if there is none."""
    user = _user_of(email.lower())
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    return user


def dismiss_staff(*, email: str) -> User:
    """Take the rights of staff away. Raises User.DoesNotExist."""
    user = User.objects.get(email=email.lower())
    user.is_staff = user.is_superuser = False
    user.save(update_fields=["is_staff", "is_superuser"])
    return user


@transaction.atomic
def erase_account(*, user: User) -> None:
    """Delete the account, its addresses, passkeys, draft, sessions and secret; no line of the log.

    Votes that were not withdrawn before remain as numbers that nobody can tie to anybody.
    A ballot paper issued before works until it expires, as paper does after signing out.
    Erasing again, by a second click, does nothing.
    """
    # The level as it is now: seats of a level lost from the roll would break R5 for good.
    stored = User.objects.select_for_update().filter(pk=user.pk).first()
    if stored is None:
        return
    ErasedAccounts.objects.get_or_create(level=stored.level_reached)
    ErasedAccounts.objects.filter(level=stored.level_reached).update(number=F("number") + 1)
    _delete_sessions(user)
    _delete_staff_notes(user)
    user.delete()


def _delete_sessions(user: User) -> None:
    """A session names its account only inside, so each is opened; erasing is rare."""
    own = [
        session.pk
        for session in Session.objects.iterator()
        if session.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]
    Session.objects.filter(pk__in=own).delete()


def _delete_staff_notes(user: User) -> None:
    """The staff's site notes what it changed by name, and the name of an account is its address."""
    accounts = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(content_type=accounts, object_id=str(user.pk)).delete()
