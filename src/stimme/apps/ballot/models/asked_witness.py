from django.db import models


class Standing(models.TextChoices):
    """How a witness stood to our checkpoint when it was last asked."""

    COSIGNED = "cosigned"
    DOWN = "down"  # no connection, or an error of its own
    SLOW = "slow"
    REFUSING = "refusing"  # it does not know our log, or not our key
    BEHIND = "behind"  # still at an earlier size after it was sent the proof from there
    LYING = "lying"  # a false cosignature, or an answer that is none
    UNPROVEN = "unproven"  # our own files do not give the proof that it needs
    AHEAD = "ahead"  # it has seen more of this log than the database holds
    FORKED = "forked"  # it has seen another history of this log


class AskedWitness(models.Model):
    """A witness of this log, and its answer in the last round."""

    vkey = models.CharField(max_length=1200, primary_key=True)
    standing = models.CharField(max_length=8, choices=Standing)
    asked_at = models.DateTimeField()
    # Its newest signature line, which says when and stays good for the checkpoint it was made for.
    cosignature = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.name} {self.standing}"

    @property
    def name(self) -> str:
        """The name of its key."""
        return self.vkey.partition("+")[0]
