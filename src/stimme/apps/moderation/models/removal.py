from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stimme.apps.ballot.reasons import Reason
from stimme.engines.translog import b64, unb64

_P_BYTES = 16


class Removal(models.Model):
    """Votes annulled, or reinstated, and what that did to the count: public, never deleted."""

    version = models.ForeignKey("causes.CauseVersion", models.PROTECT, related_name="+")
    # The removal whose votes, or some of them, are reinstated; null where votes are annulled.
    undoes = models.ForeignKey("self", models.PROTECT, null=True, related_name="undone_by")
    # Of the votes' removal, also where they are reinstated.
    reason = models.CharField(max_length=9, choices=Reason)
    note = models.CharField(max_length=500)
    number = models.PositiveIntegerField()
    # The pseudonyms, 16 bytes each; the log names them, too.
    seats = models.BinaryField()
    # Votes at that moment: all, those that counted before, and those that counted after.
    raw_for = models.PositiveBigIntegerField()
    raw_against = models.PositiveBigIntegerField()
    before_for = models.PositiveBigIntegerField()
    before_against = models.PositiveBigIntegerField()
    after_for = models.PositiveBigIntegerField()
    after_against = models.PositiveBigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("removal of votes")
        verbose_name_plural = _("removals of votes")
        ordering: ClassVar = ["-at", "-pk"]
        default_permissions = ()
        permissions: ClassVar = [("may_annul", "May annul and reinstate votes")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(note=""), name="every_removal_has_a_note"),
            models.CheckConstraint(condition=Q(number__gt=0), name="every_removal_changes_a_seat"),
            models.CheckConstraint(
                condition=Q(reason__in=Reason.values), name="removal_has_a_reason_of_the_log"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.get_reason_display()}"

    @property
    def pseudonyms(self) -> list[str]:
        joined = bytes(self.seats)
        return [b64(joined[at : at + _P_BYTES]) for at in range(0, len(joined), _P_BYTES)]


def packed(pseudonyms: tuple[str, ...]) -> bytes:
    """Pseudonyms in the form of `Removal.seats`."""
    return b"".join(map(unb64, pseudonyms))
