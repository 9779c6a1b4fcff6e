import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import note_new_address

logger = logging.getLogger(__name__)
UNAVAILABLE = 503
LOGIN_STAGES = [
    "allauth.account.stages.LoginByCodeStage",
    "allauth.account.stages.EmailVerificationStage",
]


class AccountAdapter(DefaultAccountAdapter):
    """Everything allauth asks of us about accounts that is not a setting."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": gettext_lazy("This account is switched off."),
        "busy_network": gettext_lazy(
            "Many people sign in from your network right now. Press the button again: your"
            " browser calculates for some seconds first, to show that you are no robot."
        ),
        "duplicate_email": gettext_lazy("This is your address already."),
        "email_refused": gettext_lazy("This is a throwaway address. Use a lasting one."),
        "email_taken": gettext_lazy("Another account uses this address."),
        "incorrect_code": gettext_lazy("This is not the code we sent. Please compare them."),
        "rate_limited": gettext_lazy("That was too fast. Wait a few minutes and try again."),
        "same_as_current": gettext_lazy("This is your address already."),
        "too_many_login_attempts": gettext_lazy(
            "That was tried too often. Wait a few minutes, then ask for a new code."
        ),
        "too_many_waiting": gettext_lazy(
            "Too many wait for a turn already. Please come back in half an hour."
        ),
    }

    def get_login_stages(self) -> list[str]:
        """A passkey is another door, not a second lock: losing it must not lose the account."""
        return LOGIN_STAGES

    def is_reauthentication_required(self, *, app: str) -> bool:  # noqa: ARG002
        """Our own `recent_sign_in_required` asks, and asks people without a passkey too."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Only ever lead on to a path of our own: no host, however trusted."""
        return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    @transaction.atomic
    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Let an account change its address, together with the mailbox it stands for."""
        old = email_address.user.email
        confirmed = super().confirm_email(request, email_address)
        if confirmed:
            note_new_address(user=email_address.user, old=old)
        return confirmed

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a message. Where that fails, the page says so, and the log says only why."""
        try:
            super().send_mail(template_prefix, email, {**context, "instance": settings.STIMME})
        except (SMTPException, OSError) as error:
            # Its text can hold the address, and addresses are nothing for a log.
            logger.error("a message could not be sent: %s", type(error).__name__)  # noqa: TRY400
            page = HttpResponse(render_to_string("500.html"), status=UNAVAILABLE)
            raise ImmediateHttpResponse(page) from None

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """Nobody has a user name."""


class PasskeyAdapter(DefaultMFAAdapter):
    """The same about passkeys."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("This passkey does not fit. Please try again."),
        "unverified_email": gettext_lazy("Confirm your e-mail address first."),
    }

    def _get_site_name(self) -> str:
        return settings.STIMME.name

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("Passkey %(number)s") % {"number": number}
