from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stimme.apps.rooms.codes import LENGTH, spaced


class Stage(models.IntegerChoices):
    FIRST_VOTE = 1, _("First vote")
    BRIEFING = 2, _("Briefing")
    DISCUSSION = 3, _("Discussion")
    SECOND_VOTE = 4, _("Second vote")
    WHAT_HAPPENED = 5, _("What happened")


class Room(models.Model):
    """A group that votes on a cause among itself, before and after its briefing."""

    code = models.CharField(max_length=LENGTH, unique=True)
    facilitator = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    # One wording: the room votes twice on the same words, whatever becomes of the cause.
    version = models.ForeignKey("causes.CauseVersion", models.CASCADE, related_name="+")
    stage = models.PositiveSmallIntegerField(choices=Stage.choices, default=Stage.FIRST_VOTE)
    # Nobody joins or votes any more; what is there can still be read.
    closed = models.BooleanField(default=False)
    opened_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-opened_at", "-pk"]
        # Forgetting those that have expired.
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="rooms_expiring")]

    def __str__(self) -> str:
        return self.spaced_code

    def get_absolute_url(self) -> str:
        """Where its members vote and read."""
        return reverse("rooms:room", args=[self.code])

    @property
    def spaced_code(self) -> str:
        return spaced(self.code)

    @property
    def present(self) -> Stage:
        return Stage(self.stage)

    @property
    def next_stage(self) -> Stage | None:
        return Stage(self.stage + 1) if self.stage < Stage.WHAT_HAPPENED else None

    @property
    def previous_stage(self) -> Stage | None:
        return Stage(self.stage - 1) if self.stage > Stage.FIRST_VOTE else None

    @property
    def position(self) -> str:
        """Tells whether a page that was made earlier still fits."""
        return f"{self.stage}-closed" if self.closed else str(self.stage)

    @property
    def takes_votes(self) -> bool:
        return not self.closed and self.stage in {Stage.FIRST_VOTE, Stage.SECOND_VOTE}
