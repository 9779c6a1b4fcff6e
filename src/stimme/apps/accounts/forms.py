import struct
from typing import Any

from allauth.account.adapter import get_adapter as account_adapter
from allauth.account.forms import (
    AddEmailForm,
    ConfirmEmailVerificationCodeForm,
    ConfirmLoginCodeForm,
    LoginForm,
)
from allauth.core.internal.httpkit import headed_redirect_response
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import EditWebAuthnForm, LoginWebAuthnForm, SignupWebAuthnForm
from django import forms
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from stimme.apps.accounts import proof_of_work
from stimme.apps.accounts.canonical import domain_of
from stimme.apps.accounts.crowds import BusyNetwork, TurnLater, is_busy, let_in
from stimme.apps.accounts.limits import CODES, take, take_code
from stimme.apps.accounts.mail_domains import is_disposable
from stimme.apps.accounts.networks import line_of
from stimme.apps.accounts.services import is_mailbox_of_another
from stimme.apps.accounts.sign_in import SignInByCode
from stimme.apps.accounts.turns import TooManyWaiting

PASSKEY_NAME = 60
# What parsing an answer that no browser made may raise; it must be a refusal, never an error 500.
MALFORMED = (AttributeError, LookupError, RecursionError, TypeError, ValueError, struct.error)


class CredentialField(forms.JSONField):
    """What the authenticator answered, as JSON; brackets without end are refused too."""

    widget = forms.HiddenInput

    def to_python(self, value: object) -> Any:  # noqa: ANN401  whatever JSON can say
        try:
            return super().to_python(value)
        except RecursionError as error:
            raise get_adapter().validation_error("incorrect_code") from error


class SignInForm(LoginForm):
    """One address, known or not.

    While many sign in from one network, it asks those beyond the free number for a proof of
    work, or to wait for a turn; it never shuts a network out.
    """

    work = forms.CharField(required=False, widget=forms.HiddenInput)
    ticket = forms.CharField(required=False, widget=forms.HiddenInput)
    wait = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Your e-mail address")
        self.fields["login"].widget = _address_input()
        self._network = line_of(self.request)
        self.turn = ""

    @cached_property
    def challenge(self) -> str:
        """What the browser calculates while its network is busy, as JSON; empty otherwise."""
        is_needed = not self.turn and is_busy(network=self._network)
        return proof_of_work.challenge() if is_needed else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors:
            self._pass_the_crowd(data)
        if not self.errors and not take_code(email=data["login"], asked_from=self._network):
            self.add_error("login", account_adapter().validation_error("too_many_login_attempts"))
        return data

    def _pass_the_crowd(self, data: dict[str, Any]) -> None:
        shown = {name: data[name] for name in ("work", "ticket", "wait")}
        try:
            let_in(network=self._network, **shown)
        except BusyNetwork:
            self.add_error(None, account_adapter().validation_error("busy_network"))
        except TooManyWaiting:
            self.add_error(None, account_adapter().validation_error("too_many_waiting"))
        except TurnLater as later:
            self.turn = later.ticket
            self.add_error(None, _your_turn(later.seconds))

    def _login_by_code(
        self, request: HttpRequest, redirect_url: str | None, credentials: dict[str, str]
    ) -> HttpResponse:
        SignInByCode.start(request=request, user=self.user, email=credentials["email"])
        query = {REDIRECT_FIELD_NAME: redirect_url} if redirect_url else None
        return headed_redirect_response("account_confirm_login_code", query=query)


class CodeForm(ConfirmLoginCodeForm):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        _describe_code(self.fields["code"])


class AddressCodeForm(ConfirmEmailVerificationCodeForm):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        _describe_code(self.fields["code"])

    def clean_code(self) -> str:
        """Only now, to whoever reads its mail, may a page tell that a mailbox has an account."""
        code = super().clean_code()
        if is_mailbox_of_another(user=self.user, email=self.email):
            raise account_adapter().validation_error("email_taken")
        return code


class ChangeAddressForm(AddEmailForm):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New e-mail address")
        self.fields["email"].widget = _address_input()

    def clean_email(self) -> str:
        email = super().clean_email()
        if is_disposable(domain_of(email)):
            raise account_adapter().validation_error("email_refused")
        account = f"account:{self.user.pk}"
        if take(key=account, rate=CODES) and take_code(email=email, asked_from=account):
            return email
        raise account_adapter().validation_error("rate_limited")


class PasskeyForm(SignupWebAuthnForm):
    """A new passkey. Its options always ask for one that knows its owner without an address."""

    credential = CredentialField()

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = _name_field()

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except MALFORMED as error:
            raise get_adapter().validation_error("incorrect_code") from error


class RenamePasskeyForm(EditWebAuthnForm):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = _name_field()


class PasskeySignInForm(LoginWebAuthnForm):
    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()
        except MALFORMED as error:
            raise get_adapter().validation_error("incorrect_code") from error


def _name_field() -> forms.CharField:
    return forms.CharField(
        label=_("Name of the passkey"),
        help_text=_("For you alone, to tell your devices apart."),
        max_length=PASSKEY_NAME,
    )


def _address_input() -> forms.EmailInput:
    return forms.EmailInput(attrs={"autocomplete": "email", "maxlength": "254"})


def _your_turn(seconds: int) -> str:
    sentence = ngettext(
        "Your turn comes in %(n)s second. Press the button again then.",
        "Your turn comes in %(n)s seconds. Press the button again then.",
        seconds,
    )
    return sentence % {"n": seconds}


def _describe_code(field: forms.Field) -> None:
    field.label = _("Code")
    field.widget = forms.TextInput(
        attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "20"}
    )
