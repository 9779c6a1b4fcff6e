from stimme.apps.causes.models.affected_party import AffectedParty, Effect
from stimme.apps.causes.models.cause import Cause, Provenance, State
from stimme.apps.causes.models.cause_version import CauseVersion
from stimme.apps.causes.models.correction import Correction, CorrectionSource, SaidBy, Wrong
from stimme.apps.causes.models.draft import Draft
from stimme.apps.causes.models.source import Source
from stimme.apps.causes.models.source_check import SourceCheck, Verdict
from stimme.apps.causes.models.surge import Surge

__all__ = [
    "AffectedParty",
    "Cause",
    "CauseVersion",
    "Correction",
    "CorrectionSource",
    "Draft",
    "Effect",
    "Provenance",
    "SaidBy",
    "Source",
    "SourceCheck",
    "State",
    "Surge",
    "Verdict",
    "Wrong",
]
