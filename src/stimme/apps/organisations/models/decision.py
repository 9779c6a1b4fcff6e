from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Result(models.TextChoices):
    GRANTED = "granted", _("granted")
    PARTLY = "partly", _("partly granted")
    DECLINED = "declined", _("declined")
    ALREADY_SO = "already_so", _("was already so")
    NO_DECISION = "no_decision", _("no decision")


class Decision(models.Model):
    """What the organisation decided about a demand, with where that can be read."""

    cause = models.ForeignKey("causes.Cause", models.PROTECT, related_name="decisions")
    result = models.CharField(max_length=12, choices=Result.choices)
    summary = models.TextField(max_length=2000)
    source_url = models.URLField(max_length=500, blank=True)
    decided_on = models.DateField()
    # The day to look at what came of it.
    review_on = models.DateField(null=True)
    # Of the summary's commitment in the log (`s1 text decision`).
    salt = models.BinaryField(max_length=32)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering: ClassVar = ["-decided_on", "-pk"]
        # "Latest decisions" of the home page.
        indexes: ClassVar = [models.Index(fields=["-decided_on", "-id"], name="decisions_latest")]

    def __str__(self) -> str:
        return f"{self.get_result_display()}: {self.summary[:60]}"
