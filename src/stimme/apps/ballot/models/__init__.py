from stimme.apps.ballot.models.answer import Answer
from stimme.apps.ballot.models.asked_witness import AskedWitness, Standing
from stimme.apps.ballot.models.box import Box, State
from stimme.apps.ballot.models.entry import Entry
from stimme.apps.ballot.models.how_voted import HowVoted
from stimme.apps.ballot.models.imported_signers import ImportedSigners
from stimme.apps.ballot.models.link import Link
from stimme.apps.ballot.models.log_head import LogHead
from stimme.apps.ballot.models.pending_line import PendingLine
from stimme.apps.ballot.models.promise import Promise
from stimme.apps.ballot.models.seat import Seat
from stimme.apps.ballot.models.tally import Tally
from stimme.apps.ballot.models.turning_point import TurningKind, TurningPoint
from stimme.apps.ballot.models.witnessed_log import WitnessedLog

__all__ = [
    "Answer",
    "AskedWitness",
    "Box",
    "Entry",
    "HowVoted",
    "ImportedSigners",
    "Link",
    "LogHead",
    "PendingLine",
    "Promise",
    "Seat",
    "Standing",
    "State",
    "Tally",
    "TurningKind",
    "TurningPoint",
    "WitnessedLog",
]
