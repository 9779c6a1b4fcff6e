from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stimme.apps.deliberation.models import Statement, this_hour


class ReportState(models.TextChoices):
    OPEN = "open", pgettext_lazy("a report", "open")
    DISMISSED = "dismissed", pgettext_lazy("a report", "dismissed")
    ACTED = "acted", pgettext_lazy("a report", "acted upon")


class Report(models.Model):
    """Somebody says that a statement breaks the rules. Nothing says who: staff judge the text."""

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="reports")
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=9, choices=ReportState.choices, default=ReportState.OPEN)
    at = models.DateTimeField(default=this_hour, editable=False)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering: ClassVar = ["at", "pk"]
        indexes: ClassVar = [
            # The list of staff: those that wait, the oldest first.
            models.Index(fields=["state", "at", "id"], name="reports_by_state"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="every_report_says_why"),
        ]

    def __str__(self) -> str:
        return self.reason
