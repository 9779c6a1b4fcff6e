"""Many who sign in from one network at once: a school, an office, or a robot.

So many a minute go in at once. Whoever comes beyond that shows a proof of work, which a browser
does alone, or waits for a turn. No network is ever shut out.
"""

from stimme.apps.accounts import turns
from stimme.apps.accounts.limits import is_empty, sign_ins, take
from stimme.apps.accounts.proof_of_work import is_proven


class BusyNetwork(Exception):
    """A proof of work or a turn is needed, and there was none that counts."""


class TurnLater(Exception):
    """There is a turn, but later: `seconds` from now, for whoever brings `ticket` again."""

    def __init__(self, ticket: str, seconds: int) -> None:
        super().__init__()
        self.ticket, self.seconds = ticket, seconds


def is_busy(*, network: str) -> bool:
    """Say whether the next one from this network will need a proof of work or a turn."""
    return is_empty(key=f"sign-in:{network}", rate=sign_ins())


def let_in(*, network: str, work: str = "", ticket: str = "", wait: bool = False) -> None:
    """Let one sign-in through, once.

    Raises BusyNetwork; TurnLater; and turns.TooManyWaiting for those who ask for a turn.
    """
    if wait:
        ticket = turns.reserve(network=network)
    if ticket and (seconds := turns.seconds_until(ticket)):
        raise TurnLater(ticket, seconds)
    if ticket and turns.is_taken_now(ticket):
        return
    if work and is_proven(work):
        return
    if not take(key=f"sign-in:{network}", rate=sign_ins()):
        raise BusyNetwork
