"""What a briefing tells beyond the page of its cause: reasons of both sides, and precedents."""

from dataclasses import dataclass
from functools import lru_cache

from stimme.apps.ballot.selectors import edition_of
from stimme.apps.causes.precedents import Precedents, precedents_of
from stimme.apps.causes.selectors import Briefing
from stimme.apps.causes.self_check import Reasons
from stimme.apps.deliberation.selectors import Ranked, Strongest, strongest

_MOST_RECENT = 100


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """`edition` is that of the ballot box: how many turning points the briefing knows of."""

    strongest: Strongest
    precedents: Precedents
    edition: int

    @property
    def reasons(self) -> Reasons:
        return Reasons(_text(self.strongest.for_), _text(self.strongest.against))


def _text(ranked: Ranked | None) -> str:
    return ranked.statement.text if ranked else ""


def background_of(briefing: Briefing) -> Background:
    """Read it in at most seven queries."""
    return Background(
        # First: what turns while the rest is read is news to whoever reads this briefing.
        edition=edition_of(briefing.current.cid),
        strongest=strongest(briefing.cause.pk),
        precedents=precedents_of(briefing.cause),
    )


@lru_cache(maxsize=_MOST_RECENT)
def recent_background(briefing: Briefing) -> Background:
    """Return the same for a briefing that is shared, and so at most a second old."""
    return background_of(briefing)
