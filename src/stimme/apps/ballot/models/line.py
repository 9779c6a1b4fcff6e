from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from stimme.apps.ballot.models.promise import Promise
from stimme.engines.translog import short_code


class Line(models.Model):
    """One line of the log: pending until the sealer gives it an index."""

    cid = models.CharField(max_length=22, blank=True)
    # Empty for lines that are not of a seat.
    p = models.CharField(max_length=22, blank=True)
    seq = models.PositiveIntegerField(null=True)
    kind = models.CharField(max_length=9)
    text = models.CharField(max_length=400)
    promise = models.ForeignKey(Promise, models.PROTECT, null=True, related_name="lines")
    promise_index = models.PositiveIntegerField(null=True)
    log_index = models.PositiveBigIntegerField(null=True, unique=True)
    # The short code, given together with the index: a pending line cannot be looked up.
    code = models.CharField(max_length=29, blank=True)

    class Meta:
        constraints: ClassVar = [
            # Also the look-up of a receipt.
            models.UniqueConstraint(
                fields=["cid", "p", "seq"],
                condition=Q(kind="vote"),
                name="one_line_per_change_of_a_seat",
            ),
            models.CheckConstraint(
                condition=~Q(kind="vote")
                | Q(seq__isnull=False, promise__isnull=False, promise_index__isnull=False),
                name="every_vote_line_has_its_promise",
            ),
        ]
        indexes: ClassVar = [
            # The sealer's question: what is pending, in the order of commit?
            models.Index(fields=["id"], condition=Q(log_index__isnull=True), name="line_pending"),
            # The log page of one cause.
            models.Index(F("cid"), F("log_index"), name="line_of_cause"),
            # Somebody types a short code.
            models.Index(fields=["code"], condition=~Q(code=""), name="line_by_code"),
        ]

    def __str__(self) -> str:
        return self.text

    def place(self, index: int) -> None:
        """Give the line its index in the log, and with it its short code; saves nothing."""
        self.log_index, self.code = index, short_code(self.text)
