"""Reading rooms: who is in them, what they voted, and what they may read at which stage."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from stimme.apps.accounts.models import User
from stimme.apps.ballot.choices import Choice
from stimme.apps.causes.models import AffectedParty, Cause
from stimme.apps.causes.selectors import causes
from stimme.apps.deliberation.selectors import Strongest, strongest
from stimme.apps.organisations.models import Decision, OfficialResponse
from stimme.apps.rooms.models import Member, Room
from stimme.apps.rooms.services import hashed

# Of fewer who voted twice, the page says no more than the totals.
FEWEST = 5
_LISTED = 10


def rooms() -> QuerySet[Room]:
    """Rooms that have not expired, with the cause they are about."""
    alive = Room.objects.filter(expires_at__gt=timezone.now())
    return alive.select_related("version__cause__organisation").defer(
        "version__document", "version__cause__search_text"
    )


def room_of_code(code: str) -> Room | None:
    return rooms().filter(code=code).first()


def own_room(*, facilitator: User, code: str) -> Room | None:
    """The room if it is this account's; for all others it is not there."""
    return rooms().filter(code=code, facilitator=facilitator).first()


def own_rooms(*, facilitator: User) -> QuerySet[Room]:
    """Newest first, each with `joined`: how many are in it."""
    return rooms().filter(facilitator=facilitator).annotate(joined=Count("members"))


def member_of(*, code: str, token: str) -> Member | None:
    """The member of this room that the token belongs to, with its room."""
    alive = Member.objects.filter(room__code=code, room__expires_at__gt=timezone.now())
    members = alive.select_related("room__version__cause__organisation")
    return members.filter(token_hash=hashed(token)).first()


@dataclass(frozen=True, slots=True)
class Presence:
    """How many are in a room, and how many of them have voted, before and after."""

    members: int
    first: int
    second: int


def presence_of(room: Room) -> Presence:
    voted = {name: Count("pk", filter=~Q(**{name: ""})) for name in ("first", "second")}
    return Presence(**room.members.aggregate(members=Count("pk"), **voted))


@dataclass(frozen=True, slots=True)
class Votes:
    """The votes of one round, and how many in the room cast none in it."""

    votes_for: int
    votes_against: int
    silent: int

    @property
    def total(self) -> int:
        return self.votes_for + self.votes_against


@dataclass(frozen=True, slots=True)
class Comparison:
    """A room before and after. The four numbers are of those who voted both times."""

    before: Votes
    after: Votes
    stayed_for: int
    for_to_against: int
    against_to_for: int
    stayed_against: int

    @property
    def both(self) -> int:
        moved = self.for_to_against + self.against_to_for
        return self.stayed_for + moved + self.stayed_against

    @property
    def changed(self) -> int:
        return self.for_to_against + self.against_to_for

    @property
    def are_few(self) -> bool:
        """So few that the table would tell who changed their mind."""
        return self.both < FEWEST


def comparison_of(room: Room) -> Comparison:
    """Count who voted what before and after, in one query."""
    alike = room.members.values_list("first", "second").annotate(number=Count("pk")).order_by()
    pairs = Counter({(first, second): number for first, second, number in alike})
    return Comparison(
        before=_votes(pairs, 0),
        after=_votes(pairs, 1),
        stayed_for=pairs[Choice.FOR, Choice.FOR],
        for_to_against=pairs[Choice.FOR, Choice.AGAINST],
        against_to_for=pairs[Choice.AGAINST, Choice.FOR],
        stayed_against=pairs[Choice.AGAINST, Choice.AGAINST],
    )


def _votes(pairs: Counter[tuple[str, str]], place: int) -> Votes:
    sides = Counter[str]()
    for pair, number in pairs.items():
        sides[pair[place]] += number
    return Votes(sides[Choice.FOR], sides[Choice.AGAINST], sides[""])


@dataclass(frozen=True, slots=True)
class Story:
    """What a room reads: before its second vote how it stood, and at the end how it went on."""

    parties: list[AffectedParty]
    reasons: Strongest
    # What the organisation said before it decided, and what it said from then on.
    responses: list[OfficialResponse]
    decisions: list[Decision]
    later_responses: list[OfficialResponse]


def story_of(cause: Cause) -> Story:
    """Read it in at most six queries. What was said with the decision would tell how it ends."""
    decisions = list(cause.decisions.all())
    decided_on = min((decision.decided_on for decision in decisions), default=None)
    responses = list(cause.responses.all())
    early = [one for one in responses if decided_on is None or one.published_on < decided_on]
    return Story(
        parties=list(cause.parties.filter(hidden=False)),
        reasons=strongest(cause.pk),
        responses=early,
        decisions=decisions,
        later_responses=[one for one in responses if one not in early],
    )


def causes_for_rooms(*, q: str = "") -> list[Cause]:
    """What a search finds; without one, causes of which one knows how they ended."""
    return list(causes(q=q, show="" if q else "decided")[:_LISTED])
