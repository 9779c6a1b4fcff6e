from typing import Any

from allauth.account.views import ConfirmLoginCodeView, EmailView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import begin_registration
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from stimme.apps.accounts.decorators import SignedInRequest, recent_sign_in_required
from stimme.apps.accounts.services import current_level
from stimme.apps.accounts.sign_in import SignInByCode


class ConfirmCodeView(ConfirmLoginCodeView):
    """Enter the code. allauth's page, with our rule that a new address is welcome."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = super().dispatch(request, *args, **kwargs)
        if getattr(self, "_process", self) is None:
            messages.error(request, _("That code has run out. Ask for a new one."))
        return response

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        self._process = SignInByCode(self.stage)
        return super().post(request, *args, **kwargs)


@method_decorator(recent_sign_in_required, name="dispatch")
class ChangeAddressView(EmailView):
    """Change the address. Of what allauth can do with addresses, people have this alone."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if "action_add" not in request.POST:
            return redirect("account_email")
        return super().post(request, *args, **kwargs)


@method_decorator(recent_sign_in_required, name="dispatch")
class AddPasskeyView(AddWebAuthnView):
    """Add a passkey; `next` may name the page to go on to."""

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["form"] = kwargs.get("form") or self.get_form()
        # True: a passkey that signs in alone, which is the only kind we ask for.
        context["options"] = begin_registration(self.request.user, passwordless=True)
        return context

    def get_success_url(self) -> str:
        return reverse("accounts:account")


@login_required
@never_cache
@require_safe
def account(request: SignedInRequest) -> HttpResponse:
    """What the instance knows of the signed-in person, and what they can do with it."""
    passkeys = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN)
    context = {"level": current_level(user=request.user), "passkeys": passkeys}
    return render(request, "accounts/account.html", context)


@login_required
@never_cache
@require_safe
def confirm_presence(request: HttpRequest) -> HttpResponse:
    """Ask people to sign in once more before something that outlives the session."""
    return render(request, "accounts/confirm_presence.html", {"next": request.GET.get("next", "")})
