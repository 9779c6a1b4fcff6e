from stimme.apps.ballot.models.asked_witness import AskedWitness, Standing
from stimme.apps.ballot.models.box import Box, State
from stimme.apps.ballot.models.entry import Entry
from stimme.apps.ballot.models.imported_signers import ImportedSigners
from stimme.apps.ballot.models.log_head import LogHead
from stimme.apps.ballot.models.pending_line import PendingLine
from stimme.apps.ballot.models.promise import Promise
from stimme.apps.ballot.models.seat import Seat
from stimme.apps.ballot.models.tally import Tally
from stimme.apps.ballot.models.witnessed_log import WitnessedLog

__all__ = [
    "AskedWitness",
    "Box",
    "Entry",
    "ImportedSigners",
    "LogHead",
    "PendingLine",
    "Promise",
    "Seat",
    "Standing",
    "State",
    "Tally",
    "WitnessedLog",
]
