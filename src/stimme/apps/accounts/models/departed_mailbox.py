from django.db import models


class DepartedMailbox(models.Model):
    """A mailbox whose account was erased, or moved to another, and may have voted before.

    All that is kept of it, and for a year: so that no mailbox votes twice on a cause.
    """

    # HMAC of the mailbox: no address can be read here.
    key = models.CharField(max_length=64, primary_key=True)
    # The index serves the clean-up, which deletes the old ones.
    left_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
