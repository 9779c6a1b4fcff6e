"""How sure the instance is that an account is one person; the digit in every vote line."""

from django.db.models import IntegerChoices
from django.utils.translation import gettext_lazy as _


class Level(IntegerChoices):
    EMAIL = 0, _("e-mail address")
    PASSKEY = 1, _("passkey")
    MEMBER = 2, _("member of a list")
    STATE_EID = 3, _("state e-ID")
    # Nobody signed in here for these: they came from a file, or are simulated for the demo.
    IMPORTED = 9, _("imported")
