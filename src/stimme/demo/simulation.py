"""Who votes what, and when: the same for the same seed, whatever the ids."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random

from stimme.apps.ballot.choices import Choice
from stimme.demo.stories import Votes

# Course -> the two parameters of a beta distribution over the time from opening to end.
_COURSES = {
    "steady": (1.0, 1.0),
    "fading": (1.0, 4.0),
    "rising": (4.0, 1.0),
    "surge": (6.0, 18.0),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One click of voter number `voter`, counted from 0."""

    at: datetime
    voter: int
    choice: Choice


def simulate(
    random: Random, votes: Votes, voters: int, opened: datetime, end: datetime
) -> list[Event]:
    """Return all clicks of so many voters in order of time."""
    events = [
        event for voter in range(voters) for event in _clicks(random, votes, voter, opened, end)
    ]
    return sorted(events, key=lambda event: (event.at, event.voter))


def _clicks(
    random: Random, votes: Votes, voter: int, opened: datetime, end: datetime
) -> Iterator[Event]:
    """A first choice; a few people change it later, or withdraw it."""
    choice = Choice.FOR if random.random() < votes.share_for else Choice.AGAINST
    first = opened + (end - opened) * random.betavariate(*_COURSES[votes.course])
    later = first + (end - first) * random.random()
    fate = random.random()
    yield Event(first, voter, choice)
    if fate < votes.changed:
        yield Event(later, voter, Choice.AGAINST if choice == Choice.FOR else Choice.FOR)
    elif fate < votes.changed + votes.withdrawn:
        yield Event(later, voter, Choice.WITHDRAWN)
