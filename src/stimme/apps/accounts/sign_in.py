"""One way in for everybody: whoever enters the code sent to an address has an account."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from django.http import HttpRequest, HttpResponse

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import account_of_confirmed_address


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
        self.send()
        self.record_resend()
        self.persist()

    def finish(self, redirect_url: str | None) -> HttpResponse:
        self._user = account_of_confirmed_address(email=self.state["email"])
        return super().finish(redirect_url)

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
