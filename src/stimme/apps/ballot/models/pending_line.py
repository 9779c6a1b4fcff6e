from typing import ClassVar

from django.db import models


class PendingLine(models.Model):
    """A line that is committed and not yet sealed; sealing moves it to the entries."""

    # Both are empty for lines of no seat; `cid` also for those of no box.
    cid = models.CharField(max_length=22, blank=True)
    p = models.CharField(max_length=22, blank=True)
    kind = models.CharField(max_length=9)
    text = models.CharField(max_length=400)
    # Unix time by which a vote was promised to be public; other lines are promised to nobody.
    deadline = models.PositiveBigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(kind="vote") | models.Q(deadline__isnull=False),
                name="every_pending_vote_has_a_deadline",
            ),
        ]

    def __str__(self) -> str:
        return self.text
