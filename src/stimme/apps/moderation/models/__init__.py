from stimme.apps.moderation.models.action import Action, Verb
from stimme.apps.moderation.models.removal import Removal, packed
from stimme.apps.moderation.models.report import Report, ReportState

__all__ = ["Action", "Removal", "Report", "ReportState", "Verb", "packed"]
