from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class Reason(TextChoices):
    """Why votes are annulled: the reasons that the log has words for."""

    BOT = "bot", pgettext_lazy("why annulled", "cast by a machine")
    DUPLICATE = "duplicate", pgettext_lazy("why annulled", "a second vote of one person")
    LAW = "law", pgettext_lazy("why annulled", "demanded by law")
    TEST = "test", pgettext_lazy("why annulled", "a test")
    ERASED = "erased", pgettext_lazy("why annulled", "the voter asked for it")
