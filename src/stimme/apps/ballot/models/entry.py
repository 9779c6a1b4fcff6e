from typing import ClassVar

from django.db import models
from django.db.models import Q


class Entry(models.Model):
    """A sealed line: the leaf at `log_index` of the public log."""

    log_index = models.PositiveBigIntegerField(primary_key=True)
    cid = models.CharField(max_length=22, blank=True)
    kind = models.CharField(max_length=9)
    text = models.CharField(max_length=400)
    # The first 8 bytes of the leaf hash as a signed number: finds a line, proves nothing.
    code = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [
            # The log page of one cause, in the order of the log.
            models.Index(fields=["cid", "log_index"], name="entry_of_cause"),
            # Somebody types a short code; a receipt asks whether its line is sealed.
            models.Index(fields=["code"], name="entry_by_code"),
            # Which causes are open in the log; the newest roll: few among many votes.
            models.Index(fields=["kind"], condition=~Q(kind="vote"), name="entry_of_no_seat"),
        ]

    def __str__(self) -> str:
        return self.text
