from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CausesConfig(AppConfig):
    name = "stimme.apps.causes"
    label = "causes"
    verbose_name = _("Causes")
    default_auto_field = "django.db.models.BigAutoField"
