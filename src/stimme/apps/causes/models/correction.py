from typing import ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from stimme.apps.causes.models.cause_version import CauseVersion
from stimme.apps.causes.models.source import Source


class Wrong(models.TextChoices):
    """What is corrected."""

    SOURCE_WITHDRAWN = "source_withdrawn", _("A source was withdrawn")
    CLAIM_FALSE = "claim_false", _("A claim was shown to be false")
    SURGE_COORDINATED = "surge_coordinated", _("A surge of votes was coordinated")


class SaidBy(models.TextChoices):
    """On whose word it rests."""

    SOURCES = "sources", _("At least two sources that do not depend on each other")
    AUTHOR = "author", _("The author of the cause admits it")
    ORGANISATION = "organisation", _("The organisation admits it")


class Correction(models.Model):
    """What was wrong about a cause, since when, and who says so; it stands for good."""

    version = models.ForeignKey(CauseVersion, models.PROTECT, related_name="corrections")
    kind = models.CharField(max_length=17, choices=Wrong)
    what = models.TextField(max_length=2000)
    since = models.DateField()
    said_by = models.CharField(max_length=12, choices=SaidBy)
    # The one of the cause that was withdrawn, where it is one of them.
    source = models.ForeignKey(
        Source, models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    # Written by the author of the cause here, so that it needs no other source, and nobody of the
    # staff has read it.
    own = models.BooleanField(default=False)
    # Of the commitment to `what` in the log (`s1 text correction`).
    salt = models.BinaryField(max_length=32)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering: ClassVar = ["-pk"]
        default_permissions = ()
        permissions: ClassVar = [("may_correct", "May record corrections")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=Wrong.values), name="correction_says_what_is_wrong"
            ),
            models.CheckConstraint(
                condition=Q(said_by__in=SaidBy.values), name="correction_says_who_says_so"
            ),
            models.CheckConstraint(
                condition=Q(own=False) | Q(said_by=SaidBy.AUTHOR),
                name="own_correction_is_an_admission",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.what[:60]}"

    def get_absolute_url(self) -> str:
        return reverse("causes:correction", args=[self.version.cause.slug, self.pk])


class CorrectionSource(models.Model):
    """Where it can be read that something was wrong."""

    correction = models.ForeignKey(Correction, models.PROTECT, related_name="sources")
    title = models.CharField(max_length=160)
    url = models.URLField(max_length=500)

    class Meta:
        ordering: ClassVar = ["pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.title

    @property
    def host(self) -> str:
        """Where the link leads, said beside it: a title can promise anything."""
        return urlsplit(self.url).hostname or ""
