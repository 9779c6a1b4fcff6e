from typing import ClassVar

from django.db import models
from django.db.models import Q


class LogHead(models.Model):
    """The one row that two sealers compete for: what has been sealed, and under which name."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    origin = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField(default=0)
    root = models.CharField(max_length=44)
    # The signed note, before outside cosignatures.
    checkpoint = models.TextField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="one_log_head")]

    def __str__(self) -> str:
        return f"{self.origin} {self.size}"
