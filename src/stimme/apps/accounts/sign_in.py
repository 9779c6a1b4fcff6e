"""One way in for everybody: whoever enters the code sent to an address has an account."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from allauth.core.exceptions import RateLimited
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from stimme.apps.accounts.limits import take_code
from stimme.apps.accounts.models import User
from stimme.apps.accounts.networks import line_of, neighbourhood_of
from stimme.apps.accounts.services import AddressRefused, account_of_confirmed_address


class SignInByCode(LoginCodeVerificationProcess):
    """allauth's sign-in by code, for addresses without an account as well.

    Known and unknown addresses get the same page and the same mail, so neither tells whether
    an account exists; the account is made when the code comes back, never before.
    """

    def send_by_email(self, email: str, skip_enumeration_mails: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        """Send a new code. Whether the address has an account makes no difference."""
        context = {"request": self.request, "code": self.generate_code()}
        get_adapter().send_mail("account/email/login_code", email, context)

    def resend(self) -> None:
        """Send a new code. Raises RateLimited where the address had too many."""
        if not take_code(email=self.state["email"], asked_from=line_of(self.request)):
            raise RateLimited
        self.send()
        self.record_resend()
        self.persist()

    def finish(self, redirect_url: str | None) -> HttpResponse:
        network = neighbourhood_of(self.request)
        try:
            user = account_of_confirmed_address(email=self.state["email"], network=network)
        except AddressRefused:
            return self._refuse()
        self._user, self.state["email"] = user, user.email
        return super().finish(redirect_url)

    def _refuse(self) -> HttpResponse:
        """Only now: before the code came back, this would tell who has an account."""
        self.abort()
        messages.error(
            self.request,
            _("This is a throwaway address, and new accounts need a lasting one. Use another."),
        )
        return redirect("account_login")

    @classmethod
    def start(cls, *, request: HttpRequest, user: User | None, email: str) -> None:
        """Send the first code, and remember in the session what it is for."""
        login = Login(user=user, email=email)
        login.state["stages"] = {"current": LoginByCodeStage.key}
        stage = LoginByCodeStage(LoginStageController(request, login), request, login)
        state: dict[str, Any] = cls.initial_state(user=user, email=email)
        stage.state.update(state, initiated_by_user=True)
        process = cls(stage)
        process.send()
        process.persist()
