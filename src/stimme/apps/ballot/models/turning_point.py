from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class TurningKind(models.TextChoices):
    RESPONSE = "response", _("response")
    DECISION = "decision", _("decision")
    CORRECTION = "correction", _("correction")
    COMMITMENT = "commitment", _("commitment")
    OUTCOME = "outcome", _("outcome")
    VERSION = "version", _("new version")
    COOLING = "cooling", _("a day after the surge")


class TurningPoint(models.Model):
    """Something after which those who voted in a box are asked whether they stand by it."""

    cid = models.CharField(max_length=22)
    # Of the box from now on: 1 for its first turning point.
    edition = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=TurningKind.choices)
    # The key of what happened, in the table of its kind: a response, a decision, a version.
    subject = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    # Votes that counted at that moment, and that it asks.
    asked = models.PositiveBigIntegerField()
    hours_from = models.CharField(max_length=14, blank=True)
    hours_to = models.CharField(max_length=14, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            # Also the index by which the turning points of a box are found.
            models.UniqueConstraint(fields=["cid", "edition"], name="one_turning_point_an_edition"),
            models.CheckConstraint(
                condition=models.Q(kind__in=TurningKind.values), name="turning_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cid} {self.edition}: {self.kind}"
