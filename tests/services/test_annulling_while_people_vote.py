"""Votes and annulments of the same seats at the same time: one order, the same for everybody."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from stimme.apps.ballot.casting import Vote
from stimme.apps.ballot.models import Seat
from stimme.apps.ballot.removals import annul, reinstate
from stimme.apps.ballot.services import cast_batch, register_imported_signers
from stimme.apps.causes.models import Cause
from stimme.engines.translog import b64, hour_of
from tests.auditing import audited
from tests.house import version_of

pytestmark = pytest.mark.django_db(transaction=True)
SEATS = [b64(bytes([number]) * 16) for number in range(20)]
ROUNDS = 5


def at_once(*acts: Callable[[], object]) -> None:
    start = threading.Barrier(len(acts))

    def act(one: Callable[[], object]) -> None:
        start.wait()
        try:
            for _ in range(ROUNDS):
                one()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        list(pool.map(act, acts))


def test_log_tallies_and_seats_agree_afterwards(cause: Cause) -> None:
    register_imported_signers(source="a file", number=len(SEATS))
    cid, hour = version_of(cause).cid, hour_of(timezone.now())

    def vote(choice: str) -> None:
        cast_batch([Vote(cid, p, choice, 9, hour) for p in SEATS])

    vote("for")
    at_once(
        lambda: vote("against"),
        lambda: vote("for"),
        lambda: annul(cid=cid, pseudonyms=SEATS[:12], reason="bot"),
        lambda: annul(cid=cid, pseudonyms=SEATS[6:], reason="duplicate"),
        lambda: reinstate(cid=cid, pseudonyms=SEATS[::2]),
    )
    report = audited()
    live = Seat.objects.filter(annulled="").count()
    assert sum(report.tallies.values()) == live
    assert report.causes[cid].annulled == len(SEATS) - live
