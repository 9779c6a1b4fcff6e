from stimme.apps.ballot.models.box import Box, State
from stimme.apps.ballot.models.imported_signers import ImportedSigners
from stimme.apps.ballot.models.line import Line
from stimme.apps.ballot.models.log_head import LogHead
from stimme.apps.ballot.models.promise import Promise
from stimme.apps.ballot.models.seat import Seat
from stimme.apps.ballot.models.tally import Tally
from stimme.apps.ballot.models.witnessed_log import WitnessedLog

__all__ = [
    "Box",
    "ImportedSigners",
    "Line",
    "LogHead",
    "Promise",
    "Seat",
    "State",
    "Tally",
    "WitnessedLog",
]
