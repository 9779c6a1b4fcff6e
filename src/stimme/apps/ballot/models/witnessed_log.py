from django.db import models


class WitnessedLog(models.Model):
    """The newest checkpoint of another log that this instance has cosigned as its witness."""

    origin = models.CharField(max_length=200, primary_key=True)
    size = models.PositiveBigIntegerField(default=0)
    # Standard base64, as in the checkpoint.
    root = models.CharField(max_length=44)

    def __str__(self) -> str:
        return f"{self.origin} {self.size}"
