from django.apps import AppConfig


class CausesConfig(AppConfig):
    name = "stimme.apps.causes"
    label = "causes"
    default_auto_field = "django.db.models.BigAutoField"
