from stimme.apps.deliberation.models.mark import Mark
from stimme.apps.deliberation.models.statement import LONGEST, Side, Statement, this_hour

__all__ = ["LONGEST", "Mark", "Side", "Statement", "this_hour"]
