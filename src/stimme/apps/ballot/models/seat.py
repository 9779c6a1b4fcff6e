from typing import ClassVar

from django.db import models
from django.db.models import Q

from stimme.apps.ballot.choices import Choice


class Seat(models.Model):
    """One pseudonym's place in one box: its latest choice. The key is "one account, one vote"."""

    pk = models.CompositePrimaryKey("cid", "p")
    cid = models.CharField(max_length=22)
    p = models.CharField(max_length=22)
    seq = models.PositiveIntegerField(default=0)
    choice = models.CharField(max_length=9, choices=Choice.choices)
    level = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(choice__in=Choice.values), name="seat_choice"),
            models.CheckConstraint(
                condition=Q(seq__gt=0) | ~Q(choice=Choice.WITHDRAWN),
                name="seat_begins_with_a_choice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cid} {self.p}"
