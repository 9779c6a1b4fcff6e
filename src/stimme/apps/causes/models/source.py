from typing import ClassVar

from django.db import models

from stimme.apps.causes.models.cause import Cause


class Source(models.Model):
    """Where something said about the cause can be read."""

    cause = models.ForeignKey(Cause, models.CASCADE, related_name="sources")
    title = models.CharField(max_length=160)
    url = models.URLField(max_length=500)
    hidden = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.title
