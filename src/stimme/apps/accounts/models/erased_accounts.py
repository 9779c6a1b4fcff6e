from django.db import models

from stimme.apps.accounts.levels import Level


class ErasedAccounts(models.Model):
    """How many accounts of a level were erased: their votes may live on, so `roll` counts them."""

    level = models.PositiveSmallIntegerField(choices=Level.choices, primary_key=True)
    number = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.number} erased at level {self.level}"
