from django.db import models


class ImportedSigners(models.Model):
    """How many signers a file brought: the `roll` of level 9."""

    source = models.CharField(max_length=200, primary_key=True)
    number = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.source}: {self.number}"
