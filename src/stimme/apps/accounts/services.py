import secrets
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import F

from stimme.apps.accounts.canonical import canonical, domain_of
from stimme.apps.accounts.departures import note_arrival, note_departure
from stimme.apps.accounts.growth import count_new_account
from stimme.apps.accounts.levels import Level
from stimme.apps.accounts.mail_domains import is_disposable
from stimme.apps.accounts.models import AccountSecret, ErasedAccounts, User

# In SQL, since the ORM takes longer to write it than the database to answer it.
_SECRET_AND_PASSKEY = (
    f"SELECT (SELECT secret FROM {AccountSecret._meta.db_table} WHERE user_id = %s), "  # noqa: S608
    f"EXISTS (SELECT 1 FROM {Authenticator._meta.db_table} WHERE user_id = %s AND type = %s)"
)


class AddressRefused(Exception):
    """No new account is made for this address: anybody opens such mailboxes without end."""


def account_of_confirmed_address(*, email: str, network: str) -> User:
    """Return the account of an address whose owner has just proved it, making it if needed.

    Another address of the same mailbox leads to the account that the mailbox has already.
    `network` is where a new account is counted. Raises AddressRefused.
    """
    user, is_new = _account_of(email)
    if is_new:
        count_new_account(domain=domain_of(email), network=network)
    return user


@transaction.atomic
def _account_of(email: str) -> tuple[User, bool]:
    confirmed = EmailAddress.objects.filter(email=email, verified=True).select_related("user")
    if address := confirmed.first():
        return address.user, False
    user, is_new = _user_of(email)
    if is_new and is_disposable(domain_of(email)):
        raise AddressRefused
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    return user, is_new


def _user_of(email: str) -> tuple[User, bool]:
    """Return the account of a mailbox, and whether it is new.

    Of two that make the same account at once, both get the one.
    """
    if user := User.objects.filter(email=email).first():
        return user, False
    fields = {"email": email, "password": make_password(None)}
    user, is_new = User.objects.get_or_create(canonical_email=canonical(email), defaults=fields)
    if is_new:
        note_arrival(user=user)
    return user, is_new


def is_mailbox_of_another(*, user: User, email: str) -> bool:
    """Say whether another account has an address of the same mailbox."""
    same = User.objects.filter(canonical_email=canonical(email))
    return same.exclude(pk=user.pk).exists()


@transaction.atomic
def note_new_address(*, user: User, old: str) -> None:
    """Take the account from the mailbox of its old address to that of the one it has now.

    Raises IntegrityError.
    """
    user.canonical_email = canonical(user.email)
    user.save(update_fields=["canonical_email"])
    if canonical(old) != user.canonical_email:
        note_departure(user=user, email=old)
        note_arrival(user=user)


def account_secret(*, user: User) -> bytes:
    """Return the account's 32 secret bytes (s_a), making them at first use."""
    row, _ = AccountSecret.objects.get_or_create(
        user=user, defaults={"secret": secrets.token_bytes(32)}
    )
    return bytes(row.secret)


@dataclass(frozen=True, slots=True)
class Voter:
    """What a ballot takes from an account: its secret (s_a), and the level it votes with.

    `since`: first votes only on causes opened later (`User.votes_on_causes_since`).
    """

    secret: bytes
    level: Level
    since: datetime | None = None


def voter_of(*, user: User) -> Voter:
    """Read both at once, the secret being made at first use: pages with a ballot need no more."""
    with connection.cursor() as cursor:
        cursor.execute(_SECRET_AND_PASSKEY, [user.pk, user.pk, Authenticator.Type.WEBAUTHN])
        secret, has_passkey = cursor.fetchone()
    if not secret:
        secret = account_secret(user=user)
        # Again: before it had a secret, the account could change its mailbox unnoticed.
        user.refresh_from_db(fields=["votes_on_causes_since"])
    return Voter(
        secret=bytes(secret),
        level=_reached(user, Level.PASSKEY if has_passkey else Level.EMAIL),
        since=user.votes_on_causes_since,
    )


def current_level(*, user: User) -> Level:
    """Return the level the account votes with now, and remember the highest it ever had."""
    passkeys = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    return _reached(user, Level.PASSKEY if passkeys.exists() else Level.EMAIL)


def _reached(user: User, level: Level) -> Level:
    if level > user.level_reached:
        user.level_reached = level
        # Never down: another request may know of a higher one.
        User.objects.filter(pk=user.pk, level_reached__lt=level).update(level_reached=level)
    return level


@transaction.atomic
def make_staff(*, email: str) -> User:
    """Let the account of this address moderate and record; it is made if there is none."""
    user, _is_new = _user_of(email.lower())
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    return user


def dismiss_staff(*, email: str) -> User:
    """Take the rights of staff away, with every role they had. Raises User.DoesNotExist."""
    user = User.objects.get(email=email.lower())
    user.is_staff = user.is_superuser = False
    user.save(update_fields=["is_staff", "is_superuser"])
    user.user_permissions.clear()
    return user


def erase_account(*, user: User) -> None:
    """Delete the account, its addresses, passkeys, draft, sessions and secret; no line of the log.

    Votes that were not withdrawn before remain as numbers that nobody can tie to anybody.
    A ballot paper issued before works until it expires, as paper does after signing out. So the
    mailbox is remembered (`departures`): its next account does not vote on the same causes again.
    Erasing again, by a second click, does nothing.
    """
    # Before the transaction, in which nobody could vote on SQLite.
    sessions = _sessions_of(user)
    with transaction.atomic():
        # The level as it is now: seats of a level lost from the roll would break R5 for good.
        stored = User.objects.select_for_update().filter(pk=user.pk).first()
        if stored is None:
            return
        ErasedAccounts.objects.get_or_create(level=stored.level_reached)
        ErasedAccounts.objects.filter(level=stored.level_reached).update(number=F("number") + 1)
        Session.objects.filter(pk__in=sessions).delete()
        _delete_staff_notes(user)
        note_departure(user=user, email=stored.email)
        user.delete()


def _sessions_of(user: User) -> list[str]:
    """A session names its account only inside, so each is opened; erasing is rare."""
    return [
        session.pk
        for session in Session.objects.iterator()
        if session.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]


def _delete_staff_notes(user: User) -> None:
    """The staff's site notes what it changed by name, and the name of an account is its address."""
    accounts = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(content_type=accounts, object_id=str(user.pk)).delete()
