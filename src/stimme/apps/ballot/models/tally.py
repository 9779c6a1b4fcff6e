from typing import ClassVar

from django.db import models

from stimme.apps.accounts.levels import Level


class Tally(models.Model):
    """Live seats of a box by level, kept in the transaction that changes the seats."""

    cid = models.CharField(max_length=22)
    level = models.PositiveSmallIntegerField()
    votes_for = models.PositiveIntegerField(default=0)
    votes_against = models.PositiveIntegerField(default=0)
    withdrawn = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cid", "level"], name="one_tally_per_level"),
        ]

    def __str__(self) -> str:
        return f"{self.cid} level {self.level}"

    @property
    def label(self) -> str:
        return str(Level(self.level).label)
