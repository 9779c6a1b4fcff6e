from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Growth(models.Model):
    """How many accounts were new in one hour: in all, of one mail domain or from one network.

    A number only, and kept for 14 days: it leads to no account.
    """

    class Kind(models.TextChoices):
        ALL = "all", pgettext_lazy("new accounts", "in all")
        DOMAIN = "domain", _("mail domain")
        NETWORK = "network", _("network")

    kind = models.CharField(max_length=7, choices=Kind.choices)
    # '' for all, the mail domain, or a keyed hash of the network.
    name = models.CharField(max_length=254, blank=True)
    hour = models.DateTimeField()
    number = models.PositiveIntegerField()
    # The median of the same hour of the 14 days before, noted once the number is unusual.
    usual = models.FloatField(null=True)

    class Meta:
        constraints: ClassVar = [
            # Also the index by which the same hour of earlier days is found.
            models.UniqueConstraint(fields=["kind", "name", "hour"], name="one_number_an_hour"),
        ]
        # Serves the clean-up, and the staff's page of the last day.
        indexes: ClassVar = [models.Index(fields=["hour"], name="growth_by_hour")]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H} {self.kind} {self.name}: {self.number}"
