"""Who was turned away is not told to come again with all the others."""

from collections import Counter

from stimme.apps.ballot.door.front import come_again


def test_visitors_are_spread_over_four_seconds() -> None:
    told = Counter(come_again() for _ in range(4000))
    assert sorted(told) == [("retry-after", second) for second in "1234"]
    # A fair share is 1000; a fair draw is never eleven standard deviations above it.
    assert max(told.values()) < 1300
