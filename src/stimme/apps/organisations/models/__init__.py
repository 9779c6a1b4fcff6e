from stimme.apps.organisations.models.decision import Decision, Result
from stimme.apps.organisations.models.official_response import OfficialResponse
from stimme.apps.organisations.models.organisation import Kind, Organisation

__all__ = ["Decision", "Kind", "OfficialResponse", "Organisation", "Result"]
