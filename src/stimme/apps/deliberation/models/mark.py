from typing import ClassVar

from django.db import models

from stimme.apps.deliberation.models.statement import Statement


class Mark(models.Model):
    """A pseudonym `p`, in the box that was current then, says: this is a good reason.

    A new version of the demand has a box of its own: marks start from zero there, as votes do.
    """

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="marks")
    cid = models.CharField(max_length=22)
    p = models.CharField(max_length=22)

    class Meta:
        constraints: ClassVar = [
            # In this order also the index for all marks of a box, and for those of one person.
            models.UniqueConstraint(fields=["cid", "p", "statement"], name="one_mark_each"),
        ]

    def __str__(self) -> str:
        return f"{self.cid} {self.p}"
