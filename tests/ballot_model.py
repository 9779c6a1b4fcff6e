"""The ballot as its rules have it, in a few lines that share nothing with the program."""

from dataclasses import dataclass, field

from stimme.apps.accounts.models import User
from stimme.apps.ballot.casting import CUSTODY
from stimme.apps.ballot.choices import Choice
from stimme.apps.causes.models import Cause, CauseVersion


@dataclass(eq=False)
class Person:
    user: User
    level: int = 0


@dataclass
class Place:
    """The model of a seat. `bound` is "" until a first vote brings a key; "-" is custody."""

    choice: Choice
    level: int
    seq: int = 0
    key: str = ""
    bound: str = ""
    annulled: bool = False
    p: str = ""


@dataclass
class Ballots:
    """The model of a ballot box: who sits there."""

    version: CauseVersion
    state: str = "open"
    places: dict[object, Place] = field(default_factory=dict)

    @property
    def cid(self) -> str:
        return self.version.cid

    def takes(self, who: object, choice: Choice, key: str = "") -> bool:
        place = self.places.get(who)
        if place and place.choice == choice:
            return True  # the same vote again, and no new one
        if place and place.bound not in {"", key or CUSTODY}:
            return False
        if choice == Choice.WITHDRAWN:
            return self.state != "closed" and place is not None
        return self.state == "open"

    def put(self, who: object, choice: Choice, level: int, key: str = "") -> None:
        place = self.places.get(who)
        if place is None:
            self.places[who] = Place(choice, level, key=key, bound=key)
        elif place.choice != choice:
            place.choice, place.level, place.key = choice, level, key
            place.seq += 1

    def due(self, who: object) -> int:
        place = self.places.get(who)
        return place.seq + 1 if place else 0


@dataclass
class Topic:
    cause: Cause
    boxes: list[Ballots]
    hidden: bool = False
    closed: bool = False

    def settle(self) -> None:
        """The states of the boxes follow from that of the cause."""
        for box in self.boxes:
            if box.state != "closed":
                last = "open" if box is self.boxes[-1] else "superseded"
                box.state = "closed" if self.closed else "suspended" if self.hidden else last
