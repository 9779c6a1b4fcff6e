from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from stimme.apps.accounts.canonical import canonical
from stimme.apps.accounts.levels import Level


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, **fields: object) -> "User":
        user = self.model(email=email.lower(), canonical_email=canonical(email), **fields)
        user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, **fields: object) -> "User":
        fields.pop("password", None)  # nobody signs in with a password
        return self.create_user(email, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """An account. Nothing here, or joined to it, says what somebody voted."""

    email = models.EmailField(unique=True)
    # The one form of all addresses of the same mailbox (`canonical`). Null for accounts that
    # shared a mailbox with an older one before this was looked at: they go on, by their address.
    canonical_email = models.EmailField(unique=True, blank=True, null=True, editable=False)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    # The highest level ever held, not the present one: `roll` lines count with it, because
    # a vote keeps the level it was cast with even when the passkey is gone later.
    level_reached = models.PositiveSmallIntegerField(choices=Level.choices, default=Level.EMAIL)
    joined_on = models.DateField(auto_now_add=True)
    # Set where an earlier account of the mailbox may have voted until then: this one gives first
    # votes only on causes opened later. Null for nearly everybody.
    votes_on_causes_since = models.DateTimeField(null=True, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="one_account_per_address"),
        ]

    def __str__(self) -> str:
        return self.email
