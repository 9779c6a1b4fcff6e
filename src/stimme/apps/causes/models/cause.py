from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")


class Provenance(models.TextChoices):
    """Where the cause and its first votes come from."""

    PERSON = "person", _("started here")
    IMPORTED = "imported", _("imported")
    SIMULATED = "simulated", _("simulated")


class Cause(models.Model):
    """A demand to an organisation, through all its versions."""

    slug = models.SlugField(max_length=80, unique=True)
    organisation = models.ForeignKey(
        "organisations.Organisation", models.PROTECT, related_name="causes"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="causes"
    )
    # Null only inside the transaction that makes the cause and its first version.
    current = models.OneToOneField(
        "causes.CauseVersion", models.PROTECT, null=True, related_name="+"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    hidden = models.BooleanField(default=False)
    provenance = models.CharField(
        max_length=10, choices=Provenance.choices, default=Provenance.PERSON
    )
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    # Demand and addressee in the form the search compares; see causes.text.
    search_text = models.TextField()

    class Meta:
        verbose_name = _("cause")
        verbose_name_plural = _("causes")
        ordering: ClassVar = ["-opened_at", "-pk"]
        indexes: ClassVar = [
            # Lists of open causes, newest or longest waiting first.
            models.Index(fields=["hidden", "state", "-opened_at"], name="causes_by_state"),
        ]

    def __str__(self) -> str:
        return self.current.ask if self.current else self.slug

    def get_absolute_url(self) -> str:
        return reverse("causes:cause", args=[self.slug])

    @property
    def origin(self) -> str:
        """Where the votes come from, if not from here."""
        return "" if self.provenance == Provenance.PERSON else self.provenance
