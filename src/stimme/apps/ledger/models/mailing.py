from typing import ClassVar

from django.db import models


class Mailing(models.Model):
    """What one account was mailed of late, or is owed.

    Only the key of the pseudonyms, which is not in the database, says whose it is (`mailboxes`).
    """

    who = models.CharField(max_length=32, primary_key=True)
    mailed_on = models.DateField(null=True)
    # Keys of turning points: told by mails whose batch is not over yet, and to be told.
    told = models.JSONField(default=list)
    owed = models.JSONField(default=list)
    # Mails that the server refused, one after the other.
    refusals = models.PositiveSmallIntegerField(default=0)
    # When what is owed may be sent. Null: nothing is owed.
    due_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["due_at"], name="mailings_due")]

    def __str__(self) -> str:
        return self.who
