from typing import ClassVar

from django.db import models
from django.db.models import Q

from stimme.apps.ballot.choices import Choice
from stimme.apps.rooms.models.room import Room

# An empty text is no vote.
_VOTES = ["", Choice.FOR, Choice.AGAINST]


class Member(models.Model):
    """A browser in a room: a random token, and two votes. No account, name or address."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="members")
    # SHA-256 of the token in the member's cookie, in hexadecimal.
    token_hash = models.CharField(max_length=64)
    first = models.CharField(max_length=7, blank=True)
    second = models.CharField(max_length=7, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["room", "token_hash"], name="one_member_per_token"),
            models.CheckConstraint(
                condition=Q(first__in=_VOTES, second__in=_VOTES), name="members_vote_for_or_against"
            ),
        ]

    def __str__(self) -> str:
        return f"member {self.pk} of room {self.room_id}"

    @property
    def against_first(self) -> bool:
        """Which button comes first: random for each member, and stays."""
        return int(self.token_hash[0], 16) % 2 == 1
