from importlib import import_module

from django.apps import AppConfig


class BallotConfig(AppConfig):
    name = "stimme.apps.ballot"
    label = "ballot"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("stimme.apps.ballot.checks")
