from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from stimme.apps.causes.models.cause_version import CauseVersion
from stimme.engines.translog import parse_hour


class Surge(models.Model):
    """Hours in which votes on one version came far faster than usual. See causes.surges."""

    version = models.ForeignKey(CauseVersion, models.PROTECT, related_name="surges")
    # The first and the last hour above the limit, as in the log.
    hours_from = models.CharField(max_length=14)
    hours_to = models.CharField(max_length=14)
    # Votes an hour: in the fastest of these, and in the median hour before the first.
    rate = models.PositiveIntegerField()
    usual = models.FloatField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    # When those who voted in it were invited to stand by it, or that nobody could be any more.
    cooled_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        default_permissions = ()
        constraints: ClassVar = [
            # Also the index by which the page of a cause finds it.
            models.UniqueConstraint(
                fields=["version"], condition=Q(closed_at=None), name="one_surge_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.hours_from} to {self.hours_to}"

    @property
    def start(self) -> datetime:
        """The beginning of its first hour."""
        return parse_hour(self.hours_from)
