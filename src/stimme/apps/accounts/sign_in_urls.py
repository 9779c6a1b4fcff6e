"""The pages of allauth that this site has, under the names that allauth asks for.

There are no passwords here, so none can be set, changed or reset.
"""

from allauth.account import views as account
from allauth.mfa.webauthn import views as webauthn
from django.urls import path

from stimme.apps.accounts import views
from stimme.apps.accounts.decorators import recent_sign_in_required

passkeys = webauthn.ListWebAuthnView.as_view()

urlpatterns = [
    path("sign-in/", account.login, name="account_login"),
    # allauth knows signing up and asking for a code as pages of their own; here all is one.
    path("sign-in/", account.login, name="account_signup"),
    path("sign-in/", account.login, name="account_request_login_code"),
    path("sign-in/code/", views.ConfirmCodeView.as_view(), name="account_confirm_login_code"),
    path("sign-in/passkey/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/again/", views.confirm_presence, name="account_reauthenticate"),
    path("sign-out/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("address/", views.ChangeAddressView.as_view(), name="account_email"),
    path("address/code/", account.email_verification_sent, name="account_email_verification_sent"),
    path("passkeys/", passkeys, name="mfa_index"),
    path("passkeys/", passkeys, name="mfa_list_webauthn"),
    path("passkeys/add/", views.AddPasskeyView.as_view(), name="mfa_add_webauthn"),
    path("passkeys/<int:pk>/rename/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path(
        "passkeys/<int:pk>/remove/",
        recent_sign_in_required(webauthn.remove_webauthn),
        name="mfa_remove_webauthn",
    ),
]
