from typing import ClassVar

from django.db import models
from django.db.models import Q

from stimme.apps.ballot.choices import Choice


class Tally(models.Model):
    """Seats of a box that are alike, counted by deltas in the transactions that change them.

    Every door adds to rows of its own, so no two wait for one row; a count is a sum over
    doors, and one door's number may be negative.
    """

    cid = models.CharField(max_length=22)
    level = models.PositiveSmallIntegerField()
    choice = models.CharField(max_length=9, choices=Choice.choices)
    annulled = models.BooleanField()
    # Whether the latest vote of the seat is signed by the voter's own key.
    keyed = models.BooleanField()
    # 0 stands for everything that votes without a door: pages, imports, the demo.
    door = models.PositiveSmallIntegerField()
    number = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(choice__in=Choice.values), name="tally_choice"),
            models.UniqueConstraint(
                fields=["cid", "level", "choice", "annulled", "keyed", "door"],
                name="one_tally_row_a_kind_and_door",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cid} {self.choice} level {self.level}: {self.number}"
