from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class Choice(TextChoices):
    FOR = "for", pgettext_lazy("a vote", "for")
    AGAINST = "against", pgettext_lazy("a vote", "against")
    WITHDRAWN = "withdrawn", pgettext_lazy("a vote", "withdrawn")
