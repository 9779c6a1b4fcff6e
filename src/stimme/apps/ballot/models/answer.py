from typing import ClassVar

from django.db import models
from django.db.models import Q

from stimme.apps.ballot.choices import Choice


class Answer(models.Model):
    """What one seat said after a turning point: the same choice stands by the vote."""

    pk = models.CompositePrimaryKey("cid", "edition", "p")
    cid = models.CharField(max_length=22)
    edition = models.PositiveSmallIntegerField()
    p = models.CharField(max_length=22)
    before = models.CharField(max_length=9, choices=Choice.choices)
    after = models.CharField(max_length=9, choices=Choice.choices)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(before__in=[Choice.FOR, Choice.AGAINST]), name="answer_of_a_vote"
            ),
            models.CheckConstraint(condition=Q(after__in=Choice.values), name="answer_is_a_choice"),
        ]

    def __str__(self) -> str:
        return f"{self.cid} {self.edition} {self.p}: {self.before} → {self.after}"
