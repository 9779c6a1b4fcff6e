"""The same storm again and again, while the database fills with causes, seats and entries."""

from dataclasses import dataclass
from pathlib import Path

from .plot import Plot
from .statistics import median
from .trial import Trial

PLOT = Path(__file__).parents[2] / "docs" / "develop" / "images" / "ballot-cost.svg"
_FIRST = 1000  # seats in the smallest database
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
    """Fill the database tenfold at a time, sealing it each time, and storm it at each size.

    The storms go to boxes all over the database. Draws the plot.
    """
    boxes: list[str] = []
    filled, size, steps = 0, _FIRST, list[Step]()
    while size <= seats:
        each = max(100, size // 100)
        new = one.made.do(lambda inside: inside.open_boxes(max(1, (size - filled) // each)))  # noqa: B023  # done at once
        one.made.do(lambda inside: inside.fill(new, each))  # noqa: B023  # done at once
        one.made.command("seal").check_returncode()
        filled += len(new) * each
        boxes += new
        steps.append(_step(one, filled, boxes, seconds, voters))
        size *= 10
    _draw(steps)
    return steps


def _step(one: Trial, filled: int, boxes: list[str], seconds: float, voters: int) -> Step:
    chosen = boxes[:: max(1, len(boxes) // _BOXES)]
    runs = [one.storm(one.ballots(voters, boxes=chosen), seconds=seconds) for _ in range(_STORMS)]
    print(f"  {filled:,} seats; proven {one.prove():,}", flush=True)
    rate, cost = median(done.rate for done, _ in runs), median(cost for _, cost in runs)
    return Step(filled, rate, 1e6 * cost, one.server.door_memory())


def _draw(steps: list[Step]) -> None:
    points = [(step.seats, step.cost) for step in steps]
    plot = Plot(
        title="What a vote costs as seats and log entries grow",
        x_label="seats and log entries present",
        y_label="CPU of the server per vote, µs",
        points=points,
    )
    PLOT.parent.mkdir(parents=True, exist_ok=True)
    PLOT.write_text(plot.svg())
