"""The corrections of the demo, and what those members who had voted said to them."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import account_secret
from stimme.apps.ballot.casting import Vote
from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.seats import seats_of
from stimme.apps.ballot.services import cast_batch, stand_by
from stimme.apps.ballot.tables import Held
from stimme.apps.causes.corrections import Fault, record_correction
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Reference
from stimme.demo.accounts import members
from stimme.demo.stories import Correction, moment
from stimme.engines.translog import hour_of

_OTHER = {Choice.FOR: Choice.AGAINST, Choice.AGAINST: Choice.FOR}


def correct(random: Random, cause: Cause, told: Correction, now: datetime) -> None:
    """Let the author correct a cause; some of the members who voted stand by it, some change."""
    assert cause.author
    fault = Fault(
        kind=told.kind,
        what=told.what,
        since=moment(told.since, now).date(),
        said_by="author",
        sources=[Reference(source.title, source.url) for source in told.sources],
    )
    record_correction(by=cause.author, cause=cause, fault=fault)
    voted = _standing(cause)
    asked = random.sample(voted, round(told.answered * len(voted)))
    turned = round(told.changed * len(asked))
    for user, held in asked[turned:]:
        stand_by(user=user, cid=held.cid)
    cast_batch([_other(held, now) for _user, held in asked[:turned]])


def _standing(cause: Cause) -> Sequence[tuple[User, Held]]:
    """Members whose vote on the current version is for or against."""
    assert cause.current
    cid = cause.current.cid
    named = {
        (cid, pseudonym_of(secret=account_secret(user=user), cid=cid)): user for user in members()
    }
    found = [(named[key], held) for key, held in seats_of(named).items()]
    standing = [one for one in found if one[1].choice != Choice.WITHDRAWN]
    return sorted(standing, key=lambda one: one[0].email)


def _other(held: Held, now: datetime) -> Vote:
    choice = _OTHER[Choice(held.choice)]
    return Vote(held.cid, held.p, choice.value, held.level, hour_of(now))
