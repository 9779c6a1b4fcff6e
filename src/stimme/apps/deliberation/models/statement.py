from datetime import datetime
from typing import ClassVar
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LONGEST = 280  # characters


class Side(models.TextChoices):
    FOR = "for", pgettext_lazy("a vote", "for")
    AGAINST = "against", pgettext_lazy("a vote", "against")


def this_hour() -> datetime:
    """Return the moment as far as it is kept: minutes would tell what else somebody did then."""
    return timezone.now().replace(minute=0, second=0, microsecond=0)


class Statement(models.Model):
    """A short reason for or against a cause. Its author is a pseudonym in a box, no account."""

    cause = models.ForeignKey("causes.Cause", models.PROTECT, related_name="statements")
    # The author `p`, in the box that was the cause's current one when it was posted.
    cid = models.CharField(max_length=22)
    p = models.CharField(max_length=22)
    # Within the cause, in the order of posting: later ones are higher. Also its address: ids of
    # all statements in one sequence would tell who posted on two causes in a row.
    number = models.PositiveIntegerField()
    side = models.CharField(max_length=7, choices=Side.choices)
    text = models.CharField(max_length=LONGEST, blank=True)
    source_url = models.URLField(max_length=500, blank=True)
    # The text as similar ones are looked for: see stimme.text.search_key.
    search_text = models.TextField(blank=True)
    # Of the text's commitment in the log (`s1 text statement`).
    salt = models.BinaryField(max_length=32)
    # How many times it was worded: whoever marks it says which wording they read.
    wording = models.PositiveSmallIntegerField(default=1)
    posted_at = models.DateTimeField(default=this_hour, editable=False)
    # From then on the text is nowhere.
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    hidden = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering: ClassVar = ["-number"]
        indexes: ClassVar = [
            # The own statements of somebody, whose pseudonyms are recomputed.
            models.Index(fields=["p"], name="statements_by_author"),
            # In which boxes there are any at all.
            models.Index(fields=["cid"], name="statements_by_box"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cause", "number"], name="statement_number"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="statement_side"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) ^ Q(text="", source_url="", search_text=""),
                name="text_until_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return self.text or f"{self.cid} {self.number}"

    def get_absolute_url(self) -> str:
        return f"{reverse('deliberation:reasons', args=[self.cause.slug])}#reason-{self.number}"

    @property
    def host(self) -> str:
        """Where the link leads: a name of its own could promise anything."""
        return urlsplit(self.source_url).hostname or ""
