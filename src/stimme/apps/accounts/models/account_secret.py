from django.conf import settings
from django.db import models


class AccountSecret(models.Model):
    """s_a of the log's specification: with the instance's key it makes the pseudonyms.

    A table of its own, so that long-lived backups can leave it out, and so that deleting
    one row unties an account from its votes for good.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    secret = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"secret of account {self.pk}"
