from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from django.db import models

from stimme.apps.causes.models.cause import Cause

if TYPE_CHECKING:
    from stimme.apps.causes.models.source_check import SourceCheck


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

    @property
    def host(self) -> str:
        """Where the link leads, said beside it: a title can promise anything."""
        return urlsplit(self.url).hostname or ""

    @property
    def state(self) -> "SourceCheck | None":
        """The newest check, if anybody has checked it. Reads `checks`: fetch them with it."""
        return next(iter(self.checks.all()), None)
