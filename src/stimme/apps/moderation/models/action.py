from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Verb(models.TextChoices):
    HIDE = "hide", _("hidden")
    RESTORE = "restore", _("shown again")


class Action(models.Model):
    """What staff did to a cause, or to one text of it, and why: public, never deleted."""

    cause = models.ForeignKey("causes.Cause", models.PROTECT, related_name="moderation_actions")
    # At most one of these: without any, the action is about the whole cause.
    party = models.ForeignKey("causes.AffectedParty", models.PROTECT, null=True, related_name="+")
    source = models.ForeignKey("causes.Source", models.PROTECT, null=True, related_name="+")
    statement = models.ForeignKey(
        "deliberation.Statement", models.PROTECT, null=True, related_name="moderation_actions"
    )
    verb = models.CharField(max_length=7, choices=Verb.choices)
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("moderation action")
        verbose_name_plural = _("moderation actions")
        ordering: ClassVar = ["-at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="every_action_has_a_reason"),
            models.CheckConstraint(
                condition=Q(party=None, source=None)
                | Q(party=None, statement=None)
                | Q(source=None, statement=None),
                name="one_target",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verb_display()}: {self.reason}"
