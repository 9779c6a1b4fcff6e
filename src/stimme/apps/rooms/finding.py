"""Finding a room by its code, slowly enough that nobody finds one by guessing.

Right codes are never counted: a whole class joins at once from one network.
"""

from stimme.apps.accounts.limits import Rate, is_empty, take
from stimme.apps.rooms.models import Room
from stimme.apps.rooms.selectors import room_of_code

# A class that mistypes, from one network. Then one more every ten seconds.
WRONG_CODES = Rate(burst=30, every=10)
# From everywhere. Of 1.1 * 10^11 codes, 86 400 a day find one of 1000 open rooms once in
# three years on average.
WRONG_CODES_IN_ALL = Rate(burst=300, every=1)
_ALL = "room-code"


class UnknownCode(Exception):
    """No room has this code, or it has expired."""


class TooManyWrongCodes(Exception):
    """So many were tried that the next has to wait, be it right or wrong."""


def find_room(*, code: str, network: str) -> Room:
    """Return the room of a code. Raises UnknownCode, TooManyWrongCodes."""
    own = f"{_ALL}:{network}"
    if is_empty(key=own, rate=WRONG_CODES) or is_empty(key=_ALL, rate=WRONG_CODES_IN_ALL):
        raise TooManyWrongCodes
    room = room_of_code(code)
    if room is None:
        take(key=own, rate=WRONG_CODES)
        take(key=_ALL, rate=WRONG_CODES_IN_ALL)
        raise UnknownCode(code)
    return room
