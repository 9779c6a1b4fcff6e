from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from stimme.apps.causes.models.cause import Cause


class Effect(models.TextChoices):
    GAINS = "gains", _("would gain")
    LOSES = "loses", _("would lose")
    BOTH = "both", _("would gain and lose")


class AffectedParty(models.Model):
    """Who is affected if the demand is granted, and how: one line each."""

    cause = models.ForeignKey(Cause, models.CASCADE, related_name="parties")
    name = models.CharField(max_length=80)
    effect = models.CharField(max_length=5, choices=Effect.choices)
    how = models.CharField(max_length=200)
    hidden = models.BooleanField(default=False)
    # Not by the author; nothing says by whom.
    by_reader = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.name}: {self.how}"
