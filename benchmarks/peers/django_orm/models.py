from typing import ClassVar

from django.conf import settings
from django.db import models


class Cause(models.Model):
    ask = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.ask


class Vote(models.Model):
    cause = models.ForeignKey(Cause, models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    choice = models.CharField(max_length=9, choices=[("for", "for"), ("against", "against")])

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cause", "user"], name="one_account_one_vote"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.choice}"
