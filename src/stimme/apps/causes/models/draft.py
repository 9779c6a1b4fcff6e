from django.conf import settings
from django.db import models


class Draft(models.Model):
    """A cause being written, one for each account: nothing typed is lost between the steps."""

    author = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    # What was typed, right or wrong, by step.
    steps = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"draft of account {self.pk}"
