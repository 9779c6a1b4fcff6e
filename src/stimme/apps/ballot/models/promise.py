from django.db import models


class Promise(models.Model):
    """The lines committed together. Its signed note is derived: Ed25519 gives the same again."""

    # Unix time: by then every line of this batch is in the published log.
    deadline = models.PositiveBigIntegerField()
    # The leaf hashes in the order of commit, 32 bytes each.
    leaves = models.BinaryField()

    def __str__(self) -> str:
        return f"promise {self.pk}"
