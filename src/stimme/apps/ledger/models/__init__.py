from stimme.apps.ledger.models.mailing import Mailing
from stimme.apps.ledger.models.notice_state import Frequency, NoticeState

__all__ = ["Frequency", "Mailing", "NoticeState"]
