from collections.abc import Iterable
from math import ceil


def percentile(values: Iterable[float], percent: float) -> float:
    """Return the nearest-rank percentile; 100 is the largest. Of nothing it is 0."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


def median(values: Iterable[float]) -> float:
    """The middle value, as it was measured: of two in the middle the smaller."""
    return percentile(values, 50)
