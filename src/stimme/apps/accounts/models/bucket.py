from django.db import models


class Bucket(models.Model):
    """A token bucket that is not full; one without a row is. `limits` reads and writes it."""

    # HMAC of what is limited: neither an address nor a network can be read here.
    key = models.CharField(max_length=64, primary_key=True)
    # When it will be full again, in microseconds since 1970: all there is to know of a bucket.
    # The index serves the clean-up, which deletes the full ones.
    full_at = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return self.key
