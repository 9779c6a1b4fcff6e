from typing import ClassVar

from django.db import models
from django.db.models import Q

from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.models.promise import Promise
from stimme.engines.translog import VoteLine


class Seat(models.Model):
    """One pseudonym's place in one box. The key is "one account, one vote".

    `seq` to `sig` are the fields of its latest vote line, which is made from them.
    """

    pk = models.CompositePrimaryKey("cid", "p")
    cid = models.CharField(max_length=22)
    p = models.CharField(max_length=22)
    seq = models.PositiveIntegerField(default=0)
    choice = models.CharField(max_length=9, choices=Choice.choices)
    level = models.PositiveSmallIntegerField()
    hour = models.CharField(max_length=14)
    # The voter's key and signature; empty for a custodial vote.
    vk = models.CharField(max_length=43, blank=True)
    sig = models.CharField(max_length=86, blank=True)
    # No constraint: the door writes both in one transaction, and the check of each seat costs
    # PostgreSQL more than the seat. Promises are never deleted.
    promise = models.ForeignKey(
        Promise, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    promise_index = models.PositiveIntegerField()
    # How many lines of the seat bear its `hour`.
    changes = models.PositiveSmallIntegerField(default=1)
    # What a later vote must be signed with: a key, "-" for nothing since the last rekey gave
    # the seat back to custody, empty when the seat was never bound.
    bound_to = models.CharField(max_length=43, blank=True)
    rekeys = models.PositiveIntegerField(default=0)
    # Why the seat is annulled, or empty.
    annulled = models.CharField(max_length=9, blank=True)
    # The briefing its voter was shown: 1 + the edition it was of, or 0 for none.
    briefed = models.PositiveSmallIntegerField(default=0)
    # The box's edition at the first vote: only later turning points ask this seat.
    edition = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            # Why votes of one box do not count: few among many.
            models.Index(
                fields=["cid", "annulled"], condition=~Q(annulled=""), name="annulled_seats"
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(choice__in=Choice.values), name="seat_choice"),
            models.CheckConstraint(
                condition=Q(seq__gt=0) | ~Q(choice=Choice.WITHDRAWN),
                name="seat_begins_with_a_choice",
            ),
            models.CheckConstraint(
                condition=Q(vk="", sig="") | (~Q(vk="") & ~Q(sig="")),
                name="seat_key_with_signature",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cid} {self.p}"

    @property
    def line(self) -> VoteLine:
        """The latest vote line of this seat."""
        return VoteLine(
            self.cid,
            self.p,
            self.seq,
            self.choice,
            str(self.level),
            self.hour,
            self.vk or None,
            self.sig or None,
        )
