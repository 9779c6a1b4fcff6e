"""Reasons and marks at the same moment: each gets a number, and nobody marks words unread."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause
from stimme.apps.deliberation.models import Mark, Statement
from stimme.apps.deliberation.services import (
    edit_statement,
    mark,
    post_statement,
    withdraw_statement,
)

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 2  # each takes two of the five wordings an hour


def at_once(*acts: Callable[[], object]) -> None:
    """Do all of them in threads that start together; a refusal is an answer, too."""
    start = threading.Barrier(len(acts))

    def act(one: Callable[[], object]) -> None:
        start.wait()
        try:
            with suppress(ValidationError):
                one()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        list(pool.map(act, acts))


def test_each_reason_has_a_number_of_its_own(cause: Cause) -> None:
    people = [User.objects.create_user(f"person-{number}@example.org") for number in range(4)]
    give = partial(post_statement, cause=cause, side="for", text="A reason")
    at_once(*(partial(give, by=user) for user in people))
    assert sorted(Statement.objects.values_list("number", flat=True)) == [1, 2, 3, 4]


def test_one_person_gives_no_more_than_three(cause: Cause, charlie: User) -> None:
    at_once(*[lambda: post_statement(by=charlie, cause=cause, side="for", text="A reason")] * 5)
    assert Statement.objects.count() == 3


def test_a_mark_is_of_the_words_that_stay(cause: Cause, alice: User, charlie: User) -> None:
    for _ in range(ROUNDS):
        statement = post_statement(by=charlie, cause=cause, side="for", text="First words")
        at_once(
            partial(mark, by=alice, statement=statement, wording=1),
            partial(edit_statement, by=charlie, statement=statement, text="Other words"),
        )
        statement.refresh_from_db()
        marked = statement.marks.exists()
        assert (marked, statement.wording) in {(True, 1), (False, 2)}
        withdraw_statement(by=charlie, statement=statement)


def test_pressing_twice_at_once_is_one_mark(cause: Cause, alice: User, charlie: User) -> None:
    statement = post_statement(by=charlie, cause=cause, side="for", text="First words")
    at_once(*[lambda: mark(by=alice, statement=statement, wording=1)] * 4)
    assert Mark.objects.count() == 1
