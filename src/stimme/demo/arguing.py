"""The reasons of the demo: members give them, and mark those of others."""

from collections.abc import Iterator, Sequence
from itertools import cycle
from random import Random

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import account_secret
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.seats import seats_of
from stimme.apps.causes.models import Cause
from stimme.apps.deliberation.models import Statement
from stimme.apps.deliberation.services import mark, post_statement
from stimme.apps.moderation.services import hide, report
from stimme.demo import stories
from stimme.demo.accounts import account_of, members

_AUTHORS = 8  # of the members give reasons, in turn


def argue(random: Random, cause: Cause, reasons: Sequence[stories.Statement]) -> None:
    """Give the reasons in their order, and let those who voted mark them."""
    people = members()
    authors, voters = cycle(people[:_AUTHORS]), _by_choice(cause, people[_AUTHORS:])
    for reason in reasons:
        statement = _give(cause, reason, authors)
        shares = {"for": reason.marks_for, "against": reason.marks_against}
        for choice, share in shares.items():
            found = voters.get(choice, [])
            for user in random.sample(found, round(share * len(found))):
                mark(by=user, statement=statement, wording=statement.wording)
        _moderate(statement, reason)


def _give(cause: Cause, reason: stories.Statement, authors: Iterator[User]) -> Statement:
    by = account_of(reason.by) if reason.by else next(authors)
    return post_statement(
        by=by, cause=cause, side=reason.side, text=reason.text, source_url=reason.url
    )


def _by_choice(cause: Cause, people: Sequence[User]) -> dict[str, list[User]]:
    """Return people by what they voted; those who did not are absent."""
    assert cause.current
    cid = cause.current.cid
    named = {
        (cid, pseudonym_of(secret=account_secret(user=user), cid=cid)): user for user in people
    }
    voters: dict[str, list[User]] = {}
    for key, seat in sorted(seats_of(named).items(), key=lambda one: named[one[0]].email):
        voters.setdefault(seat.choice, []).append(named[key])
    return voters


def _moderate(statement: Statement, reason: stories.Statement) -> None:
    if reason.reported_because:
        report(by=account_of("author"), statement=statement, reason=reason.reported_because)
    if reason.hidden_because:
        hide(by=account_of("staff"), target=statement, reason=reason.hidden_because)
