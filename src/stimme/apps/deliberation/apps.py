from django.apps import AppConfig


class DeliberationConfig(AppConfig):
    name = "stimme.apps.deliberation"
    label = "deliberation"
    default_auto_field = "django.db.models.BigAutoField"
