"""The same storm again and again, while the database fills with causes, seats and entries."""

from dataclasses import dataclass
from pathlib import Path

from .plot import Plot
from .statistics import median
from .trial import Trial

PLOT = Path(__file__).parents[2] / "docs" / "develop" / "images" / "ballot-cost.svg"
_FIRST = 1000  # seats in the smallest database that is not empty, and in a box at least
_BOXES = 100  # that the votes of a storm go to, at most
_STORMS = 2  # at each size; the median counts


@dataclass(frozen=True, slots=True)
class Step:
    """What a storm cost with so many seats: votes/s, CPU µs a vote, bytes of the door's memory."""

    seats: int
    rate: float
    cost: float
    memory: int


def grow(one: Trial, seats: int, seconds: float, voters: int) -> list[Step]:
    """Storm an empty database; fill it tenfold at a time, seal it, and storm it at each size.

    The storms go to boxes all over the database.
    """
    boxes: list[str] = one.made.do(lambda inside: inside.open_boxes(_BOXES))
    steps = [_step(one, 0, boxes, seconds, voters)]
    size = _FIRST
    while size <= seats:
        boxes += _fill(one, size - steps[-1].seats, max(_FIRST, size // 100))
        steps.append(_step(one, size, boxes, seconds, voters))
        size *= 10
    return steps


def _fill(one: Trial, more: int, each: int) -> list[str]:
    """Add so many seats in new boxes of equal size, sealed; return the boxes."""
    new: list[str] = one.made.do(lambda inside: inside.open_boxes(more // each))
    one.made.do(lambda inside: inside.fill(new, each))
    one.made.command("seal")
    return new


def _step(one: Trial, filled: int, boxes: list[str], seconds: float, voters: int) -> Step:
    chosen = boxes[:: -(-len(boxes) // _BOXES)]
    runs = [one.storm(one.ballots(voters, boxes=chosen), seconds=seconds) for _ in range(_STORMS)]
    memory = one.server.door_memory()
    print(f"  {filled:,} seats; proven {one.prove():,}; door {memory / 1e6:.0f} MB", flush=True)
    one.made.command("seal")
    rate, cost = median(done.rate for done, _ in runs), median(cost for _, cost in runs)
    return Step(filled, rate, 1e6 * cost, memory)


def draw(steps: list[Step]) -> None:
    """Write the plot of the documentation."""
    points = [(step.seats, step.cost) for step in steps if step.seats]
    plot = Plot(
        title="What a vote costs as seats and log entries grow",
        x_label="seats and log entries present",
        y_label="CPU of the server per vote, µs",
        points=points,
    )
    PLOT.parent.mkdir(parents=True, exist_ok=True)
    PLOT.write_text(plot.svg())
