"""The causes of the demo as they are written down: one file of src/stimme/demo/causes each."""

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.reasons import Reason
from stimme.apps.causes.models import Effect, Provenance, Wrong
from stimme.apps.deliberation.models import LONGEST
from stimme.apps.organisations.models import Keeping, Kind, Result
from stimme.demo.roles import MEMBERS

Day = date | float
"""A calendar day of history, or a number of days before the demo is seeded."""

Share = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Votes(_Part):
    """How many people vote, what they choose, and when, between opening and end."""

    number: int = Field(default=0, ge=0)
    share_for: Share = 0.5
    course: Literal["steady", "fading", "rising", "surge"] = "steady"
    changed: Share = 0.03
    withdrawn: Share = 0.02
    # The account that visitors sign in as is among those who vote.
    and_voter: bool = False


class Affected(_Part):
    name: str = Field(max_length=80)
    effect: Effect
    how: str = Field(max_length=200)


class Reference(_Part):
    title: str = Field(max_length=160)
    url: str
    hidden_because: str = ""


class Revision(_Part):
    day: Day
    ask: str
    what_changes: str = ""
    votes: Votes


class Answer(_Part):
    day: Day
    text: str
    url: str


class Commitment(_Part):
    """What an organisation promised with its decision; invented, so never for a real one."""

    what: str = Field(max_length=500)
    due: Day
    how_seen: str = Field(max_length=300)
    # What became of it, where anything is said of it, and since when.
    status: Keeping = Keeping.OPEN
    since: Day = 0.0
    note: str = Field(default="", max_length=1000)
    url: str = ""
    new_due: Day | None = None


class Outcome(_Part):
    day: Day
    result: Result
    summary: str
    url: str
    review: Day | None = None
    commitments: list[Commitment] = []


class Annulled(_Part):
    """The first votes for it that no longer count, and what staff say about them."""

    number: int = Field(gt=0)
    reason: Reason
    note: str = Field(max_length=500)


class Statement(_Part):
    """A short reason; which share of those who voted for it, and against it, call it a good one."""

    side: Literal["for", "against"]
    text: str = Field(max_length=LONGEST)
    url: str = ""
    # One of the members unless somebody is named.
    by: Literal["", "voter", "author"] = ""
    marks_for: Share = 0
    marks_against: Share = 0
    reported_because: str = ""
    hidden_because: str = ""


class Correction(_Part):
    """What the author admits was wrong, and what those who had voted say to it."""

    kind: Wrong
    what: str = Field(max_length=2000)
    since: Day
    sources: list[Reference] = []
    # Of those who had voted; of those who answer.
    answered: Share = 0
    changed: Share = 0


class Story(_Part):
    """One cause and all that happens to it."""

    organisation: str
    kind: Kind
    website: str = ""
    language: Literal["de", "fr", "it", "en"]
    ask: str
    what_changes: str = ""
    provenance: Provenance
    opened: Day
    parties: list[Affected] = Field(min_length=1)
    sources: list[Reference] = Field(min_length=1)
    votes: Votes = Votes()
    revision: Revision | None = None
    responses: list[Answer] = []
    decision: Outcome | None = None
    closed: Day | None = None
    hidden_because: str = ""
    annulled: Annulled | None = None
    correction: Correction | None = None
    reasons: list[Statement] = []
    # What the accounts that visitors sign in as click, one after the other, at the end.
    by_paper: dict[Literal["voter", "author", "staff"], list[Choice]] = {}

    @model_validator(mode="after")
    def _every_simulated_person_is_called_so(self) -> Self:
        if self.provenance == Provenance.PERSON and self.votes.number > MEMBERS:
            message = "a cause started here has no more voters than the demo has members"
            raise ValueError(message)
        return self


def stories() -> dict[str, Story]:
    """Return every cause of the demo by the name of its file, in order of the names."""
    files = sorted((Path(__file__).parent / "causes").glob("*.toml"))
    return {file.stem: Story(**tomllib.loads(file.read_text("utf-8"))) for file in files}


def moment(day: Day, now: datetime) -> datetime:
    """Return noon (UTC) of a day of history, or `now` less a number of days."""
    if isinstance(day, date):
        return datetime.combine(day, time(12), UTC)
    return now - timedelta(days=day)
