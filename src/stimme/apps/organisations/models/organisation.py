from typing import ClassVar
from urllib.parse import urlsplit

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    COMPANY = "company", _("company")
    AUTHORITY = "authority", _("authority")
    CLUB = "club", _("club")
    HEALTH = "health", _("health service")
    SCHOOL = "school", _("school")
    EMPLOYER = "employer", _("employer")
    OTHER = "other", _("other")


class Organisation(models.Model):
    """Whom a cause asks."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    # The name in a form in which two spellings of one name are equal; see causes.text.
    name_key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.OTHER)
    website = models.URLField(blank=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organisations:organisation", args=[self.slug])

    @property
    def host(self) -> str:
        return urlsplit(self.website).hostname or ""
