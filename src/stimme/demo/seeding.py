"""Fill an empty instance with the demo, through the services that the pages use."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from django.db import transaction
from django.utils import timezone

from stimme.apps.accounts.levels import Level
from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import account_secret
from stimme.apps.ballot.casting import Vote
from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.models import Seat
from stimme.apps.ballot.pseudonyms import imported_secret, pseudonym_of
from stimme.apps.ballot.services import (
    cast_batch,
    cast_vote,
    issue_paper,
    register_imported_signers,
)
from stimme.apps.causes.models import Cause, Provenance, Source
from stimme.apps.causes.services import (
    Demand,
    Party,
    Reference,
    close_cause,
    publish_cause,
    revise_cause,
)
from stimme.apps.moderation.removing import annul_votes
from stimme.apps.moderation.services import hide
from stimme.apps.organisations.commitments import (
    ask_about_due,
    record_commitment,
    record_status,
)
from stimme.apps.organisations.models import Decision, Keeping
from stimme.apps.organisations.services import (
    find_or_add_organisation,
    record_decision,
    record_response,
)
from stimme.demo.accounts import account_of, add_accounts, members
from stimme.demo.arguing import argue
from stimme.demo.correcting import correct
from stimme.demo.simulation import Event, simulate
from stimme.demo.stories import Annulled, Commitment, Day, Story, Votes, moment, stories
from stimme.engines.translog import hour_of

SOURCE = "demo"
SIGNERS = 1200  # simulated people; each cause draws its voters from them


@dataclass(frozen=True, slots=True)
class _Voter:
    secret: bytes
    level: Level


@dataclass(frozen=True, slots=True)
class _World:
    now: datetime
    factor: float
    author: User
    staff: User
    voter: _Voter
    members: list[_Voter]
    signers: list[_Voter]


@transaction.atomic
def seed_demo(*, seed: int = 1, factor: float = 1.0, now: datetime | None = None) -> None:
    """Make accounts, causes and votes; all or nothing.

    The same `seed` gives the same causes, choices and numbers, and with the same `now` the
    same times. Ids and log differ: nonces, secrets and keys are new in every instance.
    `factor` scales the number of voters, for tests.
    """
    add_accounts()
    register_imported_signers(source=SOURCE, number=SIGNERS)
    world = _world((now or timezone.now()).replace(minute=0, second=0, microsecond=0), factor)
    for name, story in stories().items():
        _tell(world, Random(f"{seed} {name}"), story)  # noqa: S311  nothing secret
    ask_about_due(world.now.date())


def _world(now: datetime, factor: float) -> _World:
    return _World(
        now=now,
        factor=factor,
        author=account_of("author"),
        staff=account_of("staff"),
        voter=_with_account(account_of("voter")),
        members=[_with_account(user) for user in members()],
        signers=[
            _Voter(imported_secret(source=SOURCE, signer=str(number)), Level.IMPORTED)
            for number in range(SIGNERS)
        ],
    )


def _with_account(user: User) -> _Voter:
    return _Voter(account_secret(user=user), Level.EMAIL)


def _tell(world: _World, random: Random, story: Story) -> None:
    cause = _publish(world, story)
    turn = story.revision.day if story.revision else story.closed
    _vote(world, random, cause, story.votes, (story.opened, turn))
    if story.revision:
        demand = Demand(story.revision.ask, story.language, story.revision.what_changes)
        at = moment(story.revision.day, world.now)
        revise_cause(by=world.author, cause=cause, demand=demand, at=at)
        cause.refresh_from_db()
        _vote(world, random, cause, story.revision.votes, (story.revision.day, story.closed))
    argue(random, cause, story.reasons)
    _answer(world, cause, story)
    if story.closed is not None:
        close_cause(by=world.staff, cause=cause, at=moment(story.closed, world.now))
    _vote_by_paper(cause, story)
    if story.correction:
        correct(random, cause, story.correction, world.now)
    _moderate(world, cause, story)


def _publish(world: _World, story: Story) -> Cause:
    own = story.provenance == Provenance.PERSON or story.revision
    return publish_cause(
        author=world.author if own else None,
        organisation=find_or_add_organisation(
            name=story.organisation, kind=story.kind, website=story.website
        ),
        demand=Demand(story.ask, story.language, story.what_changes),
        parties=[Party(party.name, party.effect, party.how) for party in story.parties],
        sources=[Reference(source.title, source.url) for source in story.sources],
        provenance=story.provenance,
        at=moment(story.opened, world.now),
    )


def _vote(
    world: _World, random: Random, cause: Cause, votes: Votes, days: tuple[Day, Day | None]
) -> None:
    """Cast what the simulation says, in the current version and at its own times."""
    pool = world.members if cause.provenance == Provenance.PERSON else world.signers
    voters = random.sample(pool, round(votes.number * world.factor))
    if votes.and_voter:
        voters.append(world.voter)
    opened, end = (moment(0 if day is None else day, world.now) for day in days)
    events = simulate(random, votes, len(voters), opened, end)
    cast_batch([_ballot(cause, voters[event.voter], event) for event in events])


def _ballot(cause: Cause, voter: _Voter, event: Event) -> Vote:
    cid = cid_of(cause)
    pseudonym = pseudonym_of(secret=voter.secret, cid=cid)
    return Vote(cid, pseudonym, event.choice.value, voter.level, hour_of(event.at))


def cid_of(cause: Cause) -> str:
    """Return the box of the current version."""
    assert cause.current
    return cause.current.cid


def _answer(world: _World, cause: Cause, story: Story) -> None:
    for response in story.responses:
        record_response(
            by=world.staff,
            cause=cause,
            text=response.text,
            source_url=response.url,
            published_on=moment(response.day, world.now).date(),
        )
    if told := story.decision:
        decision = record_decision(
            by=world.staff,
            cause=cause,
            result=told.result,
            summary=told.summary,
            source_url=told.url,
            decided_on=moment(told.day, world.now).date(),
            review_on=None if told.review is None else moment(told.review, world.now).date(),
        )
        for commitment in told.commitments:
            _commit(world, decision, commitment)


def _commit(world: _World, decision: Decision, told: Commitment) -> None:
    commitment = record_commitment(
        by=world.staff,
        decision=decision,
        what=told.what,
        due_on=moment(told.due, world.now).date(),
        how_seen=told.how_seen,
    )
    if told.status == Keeping.OPEN:
        return
    record_status(
        by=world.staff,
        commitment=commitment,
        status=told.status,
        note=told.note,
        since=moment(told.since, world.now).date(),
        evidence_url=told.url,
        new_due_on=None if told.new_due is None else moment(told.new_due, world.now).date(),
    )


def _vote_by_paper(cause: Cause, story: Story) -> None:
    """Let the accounts that visitors sign in as vote exactly as the page lets them."""
    for role, choices in story.by_paper.items():
        paper = issue_paper(user=account_of(role), session=role, cid=cid_of(cause))
        for choice in choices:
            cast_vote(paper=paper, session=role, choice=choice)


def _moderate(world: _World, cause: Cause, story: Story) -> None:
    sources = Source.objects.filter(cause=cause)
    for source, told in zip(sources, story.sources, strict=True):
        if told.hidden_because:
            hide(by=world.staff, target=source, reason=told.hidden_because)
    if story.hidden_because:
        hide(by=world.staff, target=cause, reason=story.hidden_because)
    if story.annulled:
        _annul(world, cause, story.annulled)


def _annul(world: _World, cause: Cause, annulled: Annulled) -> None:
    """Take the seats in the order in which they were made: that is the same in every seeding."""
    voted = Seat.objects.filter(cid=cid_of(cause), choice=Choice.FOR).order_by("promise_index")
    assert cause.current
    annul_votes(
        by=world.staff,
        version=cause.current,
        pseudonyms=list(voted.values_list("p", flat=True)[: annulled.number]),
        reason=annulled.reason,
        note=annulled.note,
    )
