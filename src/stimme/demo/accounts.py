"""The accounts of the demo: three to sign in as, and the members who vote beside them."""

from allauth.account.models import EmailAddress

from stimme.apps.accounts.models import User
from stimme.demo.roles import DOMAIN, MEMBERS, ROLES


def add_accounts() -> None:
    """Make every account, with a confirmed address: it can also sign in with a code."""
    for role, email in ROLES.items():
        staff = role == "staff"
        _add(email, is_staff=staff, is_superuser=staff)
    for number in range(1, MEMBERS + 1):
        _add(f"member{number:02}@{DOMAIN}")


def _add(email: str, **fields: bool) -> None:
    user = User.objects.create_user(email, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)


def account_of(role: str) -> User:
    """Return the account of a role. Raises KeyError or User.DoesNotExist."""
    return User.objects.get(email=ROLES[role])


def members() -> list[User]:
    return list(User.objects.filter(email__startswith="member").order_by("email"))
