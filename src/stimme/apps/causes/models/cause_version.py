from typing import ClassVar

from django.db import models

from stimme.apps.causes.models.cause import Cause


class CauseVersion(models.Model):
    """One wording of a demand, never changed: its id `cid` is a hash of `document`."""

    cause = models.ForeignKey(Cause, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    cid = models.CharField(max_length=22, unique=True)
    # The exact bytes, as text, that `cid` binds.
    document = models.TextField()
    ask = models.CharField(max_length=1000)
    what_changes = models.TextField(blank=True)
    language = models.CharField(max_length=8)
    supersedes = models.ForeignKey("self", models.PROTECT, null=True, related_name="successors")
    # Reworded before anybody had voted on it: not a version that readers need to compare.
    discarded = models.BooleanField(default=False)
    published_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["cause", "number"],
                condition=models.Q(discarded=False),
                name="one_version_per_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ask} ({self.number})"
