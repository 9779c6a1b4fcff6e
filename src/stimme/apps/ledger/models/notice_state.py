from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _


class Frequency(models.TextChoices):
    """When digests come; decisions are told at once, but to those who want no mail."""

    WEEKLY = "weekly", _("Once a week")
    DAILY = "daily", _("Once a day")
    OFF = "off", _("Never")


def new_salt() -> str:
    return get_random_string(22)


class NoticeState(models.Model):
    """What an account wants to be told by mail, and up to where it has been looked at.

    Every account has one, and all move forward alike, whether they voted or not: nothing here
    says who was told anything.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    frequency = models.CharField(max_length=6, choices=Frequency.choices, default=Frequency.WEEKLY)
    # Of mails and feed; empty is the language of the instance.
    language = models.CharField(max_length=8, blank=True)
    # Keys of turning points: decisions, and all others.
    urgent_up_to = models.PositiveBigIntegerField(default=0)
    digest_up_to = models.PositiveBigIntegerField(default=0)
    # In the signatures of the links that work without signing in.
    salt = models.CharField(max_length=22, default=new_salt)
    # How often the address of the feed was made anew: it is in the signature, too.
    feed = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            # Accounts that are due, those that were left behind first.
            models.Index(fields=["frequency", "urgent_up_to", "user"], name="notices_urgent"),
            models.Index(fields=["frequency", "digest_up_to", "user"], name="notices_digest"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(frequency__in=Frequency.values), name="notice_frequency"
            ),
        ]

    def __str__(self) -> str:
        return f"notices of account {self.pk}"
