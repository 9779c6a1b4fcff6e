from typing import ClassVar

from django.db import models
from django.utils import timezone


class State(models.TextChoices):
    OPEN = "open"
    # Hidden by staff: until it is shown again, votes can only be withdrawn.
    SUSPENDED = "suspended"
    # A newer version of the demand exists: votes here can be withdrawn, none can be added.
    SUPERSEDED = "superseded"
    CLOSED = "closed"


class Box(models.Model):
    """The ballot box of one version of a demand. The ballot knows nothing else of causes."""

    cid = models.CharField(max_length=22, primary_key=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    # The real moment, also where the log tells an earlier one, as for imported causes. That of
    # boxes older than this column is when it came.
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    # How many turning points there were, and of which hours the newest one asks the votes: of all
    # where these are empty. Whoever casts a vote reads them with the state.
    edition = models.PositiveSmallIntegerField(default=0)
    hours_from = models.CharField(max_length=14, blank=True)
    hours_to = models.CharField(max_length=14, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="box_state"),
        ]

    def __str__(self) -> str:
        return self.cid
