from stimme.apps.organisations.models.commitment import (
    SETTLED,
    Commitment,
    CommitmentStatus,
    Keeping,
)
from stimme.apps.organisations.models.decision import Decision, Result
from stimme.apps.organisations.models.official_response import OfficialResponse
from stimme.apps.organisations.models.organisation import Kind, Organisation

__all__ = [
    "SETTLED",
    "Commitment",
    "CommitmentStatus",
    "Decision",
    "Keeping",
    "Kind",
    "OfficialResponse",
    "Organisation",
    "Result",
]
