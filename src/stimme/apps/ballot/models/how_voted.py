from typing import ClassVar

from django.db import models
from django.db.models import Q

from stimme.apps.ballot.choices import Choice


class HowVoted(models.Model):
    """How many seats of a box began with this choice, their voters having read so much.

    Numbers only: no row leads to a seat. As for tallies, each door has rows of its own.
    """

    cid = models.CharField(max_length=22)
    choice = models.CharField(max_length=9, choices=Choice.choices)
    # See readings.Reading.
    reading = models.PositiveSmallIntegerField()
    door = models.PositiveSmallIntegerField()
    number = models.PositiveBigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(choice__in=[Choice.FOR, Choice.AGAINST]), name="how_voted_choice"
            ),
            models.UniqueConstraint(
                fields=["cid", "choice", "reading", "door"], name="one_row_a_reading_and_door"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cid} {self.choice} {self.reading}: {self.number}"
