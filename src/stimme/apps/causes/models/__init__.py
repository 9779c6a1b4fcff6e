from stimme.apps.causes.models.affected_party import AffectedParty, Effect
from stimme.apps.causes.models.cause import Cause, Provenance, State
from stimme.apps.causes.models.cause_version import CauseVersion
from stimme.apps.causes.models.draft import Draft
from stimme.apps.causes.models.source import Source

__all__ = [
    "AffectedParty",
    "Cause",
    "CauseVersion",
    "Draft",
    "Effect",
    "Provenance",
    "Source",
    "State",
]
