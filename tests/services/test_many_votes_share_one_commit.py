import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.levels import Level
from stimme.apps.ballot.casting import Cast, Vote
from stimme.apps.ballot.choices import Choice
from stimme.apps.ballot.errors import NothingToWithdraw, UnknownBox
from stimme.apps.ballot.models import Promise, Seat, Tally
from stimme.apps.ballot.receipts import receipt_of
from stimme.apps.ballot.selectors import count_of
from stimme.apps.ballot.services import cast_batch
from stimme.apps.ballot.tables import Tables
from stimme.apps.causes.models import Cause
from stimme.engines.translog import b64, hour_of
from tests.house import lines, version_of


def a_vote(cause: Cause, voter: int, choice: Choice, cid: str = "") -> Vote:
    pseudonym = b64(voter.to_bytes(16, "big"))
    return Vote(
        cid or version_of(cause).cid, pseudonym, choice.value, Level.EMAIL, hour_of(timezone.now())
    )


def test_a_batch_is_one_promise_and_everybody_gets_an_own_receipt(cause: Cause) -> None:
    votes = [a_vote(cause, voter, Choice.FOR) for voter in range(30)]
    assert all(isinstance(result, Cast) for result in cast_batch(votes))
    assert Promise.objects.count() == 1
    receipts = [receipt_of(vote.seat) for vote in votes]
    files = {receipt.promise_file() for receipt in receipts if receipt}
    notes = {file.partition("\n\n")[2] for file in files}
    assert (len(files), len(notes)) == (30, 1)


def test_a_refused_vote_does_not_disturb_the_others(cause: Cause) -> None:
    results = cast_batch(
        [
            a_vote(cause, 1, Choice.FOR),
            a_vote(cause, 2, Choice.WITHDRAWN),
            a_vote(cause, 3, Choice.AGAINST, cid="A" * 22),
            a_vote(cause, 4, Choice.AGAINST),
        ]
    )
    assert [type(result) for result in results] == [Cast, NothingToWithdraw, UnknownBox, Cast]
    count = count_of(version_of(cause).cid)
    assert (count.votes_for, count.votes_against) == (1, 1)


def test_votes_of_one_seat_are_taken_in_order(cause: Cause) -> None:
    choices = [Choice.FOR, Choice.FOR, Choice.AGAINST, Choice.WITHDRAWN, Choice.FOR]
    results = cast_batch([a_vote(cause, 1, choice) for choice in choices])
    assert [(cast.seq, cast.changed) for cast in results if isinstance(cast, Cast)] == [
        (0, True),
        (0, False),
        (1, True),
        (2, True),
        (3, True),
    ]
    assert count_of(version_of(cause).cid).voters == 1


def test_the_number_of_queries_does_not_grow_with_the_batch(
    cause: Cause, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cast_batch([a_vote(cause, 0, Choice.FOR)])
    for start, size in [(1, 2), (10, 90)]:
        votes = [a_vote(cause, start + voter, Choice.AGAINST) for voter in range(size)]
        with django_assert_num_queries(10):
            cast_batch(votes)


def test_a_failed_commit_leaves_nothing(cause: Cause, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_arguments: object) -> None:
        raise OSError

    monkeypatch.setattr(Tables, "count", full_disk)  # the last that is written
    with pytest.raises(OSError), transaction.atomic():  # noqa: PT011  it is ours
        cast_batch([a_vote(cause, 1, Choice.FOR)])
    stored = [model.objects.count() for model in (Seat, Promise, Tally)]
    assert [*stored, len(lines(kind="vote"))] == [0, 0, 0, 0]


def test_a_commit_has_reached_the_disk_before_it_is_answered(db: None) -> None:
    """SQLite: write-ahead log, synchronous FULL. PostgreSQL: synchronous_commit is on."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous")
            assert cursor.fetchone() == (2,)
            cursor.execute("PRAGMA journal_mode")
            assert cursor.fetchone() == ("wal",)
        else:
            cursor.execute("SHOW synchronous_commit")
            assert cursor.fetchone() == ("on",)
