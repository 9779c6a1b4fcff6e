from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from stimme.apps.causes.models.source import Source


class Verdict(models.TextChoices):
    CHECKED = "checked", _("checked: it says what the cause says it does")
    DISPUTED = "disputed", _("disputed: somebody else says otherwise")
    WITHDRAWN = "withdrawn", _("withdrawn by whoever published it")


class SourceCheck(models.Model):
    """What staff found when they read a source: never changed, the newest one holds."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="checks")
    verdict = models.CharField(max_length=9, choices=Verdict.choices)
    note = models.CharField(max_length=300)
    evidence = models.URLField(max_length=500, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("source check")
        verbose_name_plural = _("source checks")
        ordering: ClassVar = ["-pk"]
        default_permissions = ()
        permissions: ClassVar = [("may_check", "May check sources")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(verdict__in=Verdict.values), name="source_check_verdict"
            ),
            models.CheckConstraint(
                condition=models.Q(verdict=Verdict.CHECKED) | ~models.Q(evidence=""),
                name="who_doubts_a_source_shows_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.note}"
