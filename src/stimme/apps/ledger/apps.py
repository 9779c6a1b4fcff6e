from django.apps import AppConfig
from django.utils.translation import get_language


class LedgerConfig(AppConfig):
    name = "stimme.apps.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from allauth.account.signals import user_logged_in  # noqa: PLC0415  needs the models

        user_logged_in.connect(_remember_language, dispatch_uid="language of notices")


def _remember_language(user: object, **_more: object) -> None:
    """Mails come in the language in which somebody signed in."""
    from stimme.apps.accounts.models import User  # noqa: PLC0415
    from stimme.apps.ledger.notice_settings import speak  # noqa: PLC0415

    assert isinstance(user, User)
    speak(user=user, language=get_language() or "")
