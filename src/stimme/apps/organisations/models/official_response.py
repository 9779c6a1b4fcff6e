from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class OfficialResponse(models.Model):
    """What the organisation says to a demand; recorded with its source, never deleted."""

    cause = models.ForeignKey("causes.Cause", models.PROTECT, related_name="responses")
    text = models.TextField(max_length=5000)
    source_url = models.URLField(max_length=500, blank=True)
    published_on = models.DateField()
    # Of the text's commitment in the log (`s1 text response`).
    salt = models.BinaryField(max_length=32)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        ordering: ClassVar = ["-published_on", "-pk"]

    def __str__(self) -> str:
        return self.text[:60]
