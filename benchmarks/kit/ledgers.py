"""A voter with a long ledger. Runs where Django is set up: see Instance.do."""

import datetime as dt
import time
from itertools import cycle
from typing import Any

from django.db import connection, reset_queries, transaction
from django.test import Client
from django.utils import timezone

from stimme.apps.accounts.levels import Level
from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import account_secret
from stimme.apps.ballot.casting import Vote
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.services import cast_batch, stand_by
from stimme.apps.causes.models import Cause, Effect
from stimme.apps.causes.services import Demand, Party, publish_cause
from stimme.apps.organisations.commitments import record_commitment, record_status
from stimme.apps.organisations.models import Decision, Result
from stimme.apps.organisations.services import (
    find_or_add_organisation,
    record_decision,
    record_response,
)
from stimme.engines.translog import hour_of

_TEXT = "We have looked at it, and here is what we think of it and why. " * 8
_LOSER = Party("The supplier of the replacement", Effect.LOSES, "It loses its place.")


@transaction.atomic
def fill(votes: int) -> None:
    """Let the first account vote on so many causes, each answered and decided, with a commitment.

    It stands by every other vote.
    """
    author, staff = User.objects.order_by("pk")[1:3]
    staff.is_staff = True
    staff.save()
    causes = [_cause(author, number) for number in range(votes)]
    voter = User.objects.order_by("pk")[0]
    _vote(voter, causes)
    day = timezone.localdate() - dt.timedelta(days=1)
    results = cycle([Result.GRANTED, Result.PARTLY, Result.DECLINED])
    for number, (cause, result) in enumerate(zip(causes, results, strict=False)):
        said: dict[str, Any] = {"by": staff, "cause": cause, "source_url": ""}
        record_response(**said, text=_TEXT, published_on=day)
        decision = record_decision(**said, result=result, summary=_TEXT, decided_on=day)
        _commit(staff, decision, kept=bool(number % 2))
        if number % 2:
            stand_by(user=voter, cid=_cid(cause))


def _commit(staff: User, decision: Decision, *, kept: bool) -> None:
    due, day = decision.decided_on + dt.timedelta(days=90), decision.decided_on
    commitment = record_commitment(
        by=staff, decision=decision, what="It is back.", due_on=due, how_seen="It is there."
    )
    if kept:
        record_status(
            by=staff,
            commitment=commitment,
            status="kept",
            note=_TEXT,
            since=day,
            evidence_url="https://example.org/shelf",
        )


def _cause(author: User, number: int) -> Cause:
    return publish_cause(
        author=author,
        organisation=find_or_add_organisation(name=f"Corner Shop {number % 40}"),
        demand=Demand(f"Bring back Product {number}", "en", "It is on the shelf again."),
        parties=[_LOSER],
        sources=[],
    )


def _vote(voter: User, causes: list[Cause]) -> None:
    secret, hour = account_secret(user=voter), hour_of(timezone.now())
    for cause in causes:
        cid = _cid(cause)
        p = pseudonym_of(secret=secret, cid=cid)
        cast_batch([Vote(cid, p, "for", Level.EMAIL, hour)])


def _cid(cause: Cause) -> str:
    assert cause.current
    return cause.current.cid


def read(path: str, times: int) -> tuple[list[float], int]:
    """Return CPU seconds of each reading by the voter, and how many queries one of them takes."""
    client = Client(headers={"Accept-Language": "en", "Host": "127.0.0.1"})
    client.force_login(User.objects.order_by("pk")[0])
    _seconds(client, path)  # templates and translations are read once for all
    seconds = [_seconds(client, path) for _ in range(times)]
    connection.force_debug_cursor = True
    reset_queries()
    client.get(path)
    return seconds, len(connection.queries)


def _seconds(client: Client, path: str) -> float:
    start = time.process_time()
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code  # noqa: PLR2004
    return time.process_time() - start
