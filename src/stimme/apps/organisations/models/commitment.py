import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Keeping(models.TextChoices):
    """What is known of a commitment; overdue is not said by anybody but follows from the day."""

    OPEN = "open", pgettext_lazy("commitment", "open")
    KEPT = "kept", pgettext_lazy("commitment", "kept")
    BROKEN = "broken", pgettext_lazy("commitment", "broken")
    REVISED = "revised", pgettext_lazy("commitment", "revised")


SETTLED = frozenset({Keeping.KEPT, Keeping.BROKEN})


class Commitment(models.Model):
    """What an organisation said together with a decision that it would do, and by when.

    Its properties read all its statuses: prefetch `statuses` where there are several.
    """

    decision = models.ForeignKey(
        "organisations.Decision", models.PROTECT, related_name="commitments"
    )
    what = models.CharField(max_length=500)
    due_on = models.DateField()
    # How everybody will see that it is kept.
    how_seen = models.CharField(max_length=300)
    # From this day on those who voted are to be asked, since nobody has said that it is kept;
    # null when there is nothing to ask, or when they were asked.
    ask_on = models.DateField(null=True)
    # Of the commitment to `text` in the log (`s1 text commitment`).
    salt = models.BinaryField(max_length=32)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        ordering: ClassVar = ["due_on", "pk"]
        default_permissions = ()
        # "Whose day has passed?", again and again in the background.
        indexes: ClassVar = [
            models.Index(
                fields=["ask_on"],
                condition=models.Q(ask_on__isnull=False),
                name="commitments_to_ask_about",
            )
        ]

    def __str__(self) -> str:
        return self.what[:60]

    @property
    def text(self) -> str:
        """What the log binds: none of its three lines can be changed later."""
        return f"{self.what}\n{self.due_on.isoformat()}\n{self.how_seen}"

    @property
    def latest(self) -> "CommitmentStatus | None":
        return max(self.statuses.all(), key=lambda one: one.pk, default=None)

    @property
    def status(self) -> Keeping:
        return Keeping(self.latest.status) if self.latest else Keeping.OPEN

    @property
    def status_since(self) -> dt.date | None:
        """The day from which the status holds; None while nobody has said anything."""
        return self.latest.since if self.latest else None

    @property
    def due_now(self) -> dt.date:
        """The day by which it is to be kept, after all revisions."""
        revisions = [one for one in self.statuses.all() if one.new_due_on]
        latest = max(revisions, key=lambda one: one.pk, default=None)
        return latest.new_due_on if latest and latest.new_due_on else self.due_on

    @property
    def is_overdue(self) -> bool:
        return self.status not in SETTLED and self.due_now < timezone.localdate()

    @property
    def stands(self) -> str:
        """`open`, `due`, `kept` or `broken`: where a reader counts it."""
        if self.status in SETTLED:
            return str(self.status)
        return "due" if self.is_overdue else "open"

    @property
    def badge(self) -> str:
        """The same as a state that pages show: an open commitment is not an open cause."""
        return "committed" if self.stands == "open" else self.stands


class CommitmentStatus(models.Model):
    """What somebody found out about a commitment; the latest holds, and none is deleted."""

    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="statuses")
    status = models.CharField(max_length=7, choices=Keeping.choices)
    note = models.TextField(max_length=1000)
    evidence_url = models.URLField(max_length=500, blank=True)
    new_due_on = models.DateField(null=True)
    since = models.DateField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["pk"]
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status__in=Keeping.values), name="status_of_a_commitment"
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=sorted(SETTLED)) | ~models.Q(evidence_url=""),
                name="settled_with_evidence",
            ),
            models.CheckConstraint(
                condition=models.Q(status="revised", new_due_on__isnull=False)
                | (~models.Q(status="revised") & models.Q(new_due_on__isnull=True)),
                name="revised_to_another_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()}: {self.note[:60]}"
