"""Statements: short reasons for or against, of pseudonyms; frozen once others have marked them."""

import hashlib

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from stimme.apps.accounts import limits
from stimme.apps.accounts.models import User
from stimme.apps.ballot.models import PendingLine
from stimme.apps.ballot.selectors import own_seats
from stimme.apps.ballot.services import withdraw_all
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, close_cause, revise_cause
from stimme.apps.deliberation.models import Mark, Statement
from stimme.apps.deliberation.selectors import own_marks, own_statements
from stimme.apps.deliberation.services import (
    TooOften,
    edit_statement,
    mark,
    post_statement,
    unmark,
    withdraw_everything,
    withdraw_statement,
)
from stimme.apps.moderation.services import hide
from stimme.engines.translog import b64
from stimme.web.leaving import leave
from tests.house import lines, version_of, vote

TEXT = "It was the only one without sugar."
NEW = Demand("Bring back Product X before Christmas", "en", "It is on the shelf again.")


def commitments() -> list[str]:
    """The hashes of statements that wait for the log."""
    texts = PendingLine.objects.filter(kind="text").order_by("id").values_list("text", flat=True)
    return [line.split(" ")[4] for line in texts if line.startswith("s1 text statement")]


def hash_of(statement: Statement) -> str:
    """As section 4 of the log's specification has it."""
    message = b"stimme/text/v1\n" + bytes(statement.salt) + statement.text.encode()
    return b64(hashlib.sha256(message).digest())


@pytest.fixture
def statement(cause: Cause, charlie: User) -> Statement:
    return post_statement(by=charlie, cause=cause, side="for", text=TEXT)


def code_of(error: pytest.ExceptionInfo[ValidationError]) -> str:
    return str(error.value.code)


class TestPosting:
    def test_stores_a_pseudonym_that_votes_under_the_same_name(
        self, cause: Cause, statement: Statement, charlie: User
    ) -> None:
        vote(charlie, cause, "against")
        cid = version_of(cause).cid
        assert (statement.cid, statement.p) == (cid, own_seats(user=charlie, cids=[cid])[cid].p)

    def test_leaves_a_commitment_in_the_log(self, statement: Statement) -> None:
        assert commitments() == [hash_of(statement)]

    def test_needs_no_vote(self, statement: Statement) -> None:
        assert (lines(kind="vote"), statement.number) == ([], 1)

    def test_makes_text_uniform(self, cause: Cause, charlie: User) -> None:
        posted = post_statement(by=charlie, cause=cause, side="for", text="  Two\n words ")
        assert posted.text == "Two words"

    @pytest.mark.parametrize(
        "text, code",
        [
            ("", "empty"),
            ("?!", "empty"),
            ("x" * 281, "too_long"),
            ("\u202egnorw", "invisible"),
            ("p\u0430ypal", "mixed_scripts"),
        ],
    )
    def test_refuses_what_is_no_reason(
        self, cause: Cause, charlie: User, text: str, code: str
    ) -> None:
        with pytest.raises(ValidationError) as error:
            post_statement(by=charlie, cause=cause, side="for", text=text)
        assert (code_of(error), commitments()) == (code, [])

    @pytest.mark.parametrize("side", ["", "withdrawn", "neither"])
    def test_is_for_or_against(self, cause: Cause, charlie: User, side: str) -> None:
        with pytest.raises(ValidationError) as error:
            post_statement(by=charlie, cause=cause, side=side, text=TEXT)
        assert code_of(error) == "side"

    def test_takes_no_more_than_three_of_one_person_at_once(
        self, cause: Cause, charlie: User, alice: User
    ) -> None:
        posted = [
            post_statement(by=charlie, cause=cause, side=side, text=f"{TEXT} {side}")
            for side in ("for", "against", "for")
        ]
        with pytest.raises(ValidationError) as error:
            post_statement(by=charlie, cause=cause, side="for", text="One more")
        assert code_of(error) == "enough"
        withdraw_statement(by=charlie, statement=posted[0])
        again = post_statement(by=charlie, cause=cause, side="for", text="One more")
        others = post_statement(by=alice, cause=cause, side="for", text=TEXT)
        assert [one.number for one in [*posted, again, others]] == [1, 2, 3, 4, 5]

    def test_counts_those_on_earlier_versions(
        self, cause: Cause, alice: User, charlie: User
    ) -> None:
        vote(charlie, cause, "for")
        for number in range(3):
            post_statement(by=charlie, cause=cause, side="for", text=f"{TEXT} {number}")
        revise_cause(by=alice, cause=cause, demand=NEW)
        with pytest.raises(ValidationError) as error:
            post_statement(by=charlie, cause=cause, side="for", text="One more")
        assert code_of(error) == "enough"

    def test_ends_with_the_vote(self, cause: Cause, alice: User, charlie: User) -> None:
        close_cause(by=alice, cause=cause)
        with pytest.raises(ValidationError) as error:
            post_statement(by=charlie, cause=cause, side="for", text=TEXT)
        assert code_of(error) == "not_open"

    def test_pauses_while_the_cause_is_hidden(self, cause: Cause, bob: User, charlie: User) -> None:
        hide(by=bob, target=cause, reason="It names a private person.")
        with pytest.raises(ValidationError) as error:
            post_statement(by=charlie, cause=cause, side="for", text=TEXT)
        assert code_of(error) == "not_open"

    def test_is_for_those_who_may_vote(self, cause: Cause, charlie: User) -> None:
        charlie.votes_on_causes_since = version_of(cause).published_at.replace(year=2100)
        charlie.save()
        with pytest.raises(ValidationError) as error:
            post_statement(by=charlie, cause=cause, side="for", text=TEXT)
        assert code_of(error) == "opened_before"

    def test_is_not_done_without_end(
        self, cause: Cause, charlie: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_000.0)
        for _ in range(5):
            posted = post_statement(by=charlie, cause=cause, side="for", text=TEXT)
            withdraw_statement(by=charlie, statement=posted)
        with pytest.raises(TooOften):
            post_statement(by=charlie, cause=cause, side="for", text=TEXT)


class TestEditing:
    def test_commits_to_each_wording(self, statement: Statement, charlie: User) -> None:
        first = hash_of(statement)
        edited = edit_statement(by=charlie, statement=statement, text="Better words")
        assert (edited.text, edited.wording) == ("Better words", 2)
        assert commitments() == [first, hash_of(edited)]

    def test_is_for_its_author(self, statement: Statement, alice: User) -> None:
        with pytest.raises(PermissionDenied):
            edit_statement(by=alice, statement=statement, text="Worse words")

    def test_ends_when_somebody_has_marked_it(
        self, statement: Statement, alice: User, charlie: User
    ) -> None:
        mark(by=alice, statement=statement, wording=1)
        with pytest.raises(ValidationError) as error:
            edit_statement(by=charlie, statement=statement, text="Other words")
        assert code_of(error) == "frozen"
        unmark(by=alice, statement=statement)
        assert edit_statement(by=charlie, statement=statement, text="Other words").wording == 2

    def test_is_possible_on_the_next_version(
        self, cause: Cause, statement: Statement, alice: User, charlie: User
    ) -> None:
        vote(charlie, cause, "for")
        revise_cause(by=alice, cause=cause, demand=NEW)
        assert edit_statement(by=charlie, statement=statement, text="Other words").wording == 2


class TestWithdrawing:
    def test_deletes_the_text_and_its_salt(self, statement: Statement, charlie: User) -> None:
        withdraw_statement(by=charlie, statement=statement)
        statement.refresh_from_db()
        assert statement.withdrawn_at
        assert (statement.text, statement.search_text, bytes(statement.salt)) == ("", "", b"")

    def test_is_for_its_author(self, statement: Statement, alice: User, bob: User) -> None:
        for other in (alice, bob):
            with pytest.raises(PermissionDenied):
                withdraw_statement(by=other, statement=statement)

    def test_is_always_possible(
        self, cause: Cause, statement: Statement, alice: User, bob: User, charlie: User
    ) -> None:
        mark(by=alice, statement=statement, wording=1)
        close_cause(by=alice, cause=cause)
        hide(by=bob, target=cause, reason="It names a private person.")
        withdraw_statement(by=charlie, statement=statement)
        withdraw_statement(by=charlie, statement=statement)
        assert not own_statements(user=charlie, cause_pk=cause.pk)

    @pytest.mark.usefixtures("statement")
    def test_of_everything_takes_reasons_and_marks_of_all_versions(
        self, cause: Cause, alice: User, charlie: User
    ) -> None:
        of_alice = post_statement(by=alice, cause=cause, side="against", text="Too dear")
        mark(by=charlie, statement=of_alice, wording=1)
        vote(charlie, cause, "for")
        revise_cause(by=alice, cause=cause, demand=NEW)
        post_statement(by=charlie, cause=cause, side="for", text="Also before Christmas")
        mark(by=charlie, statement=of_alice, wording=1)
        withdraw_everything(user=charlie)
        assert list(Statement.objects.filter(withdrawn_at=None)) == [of_alice]
        assert not Mark.objects.exists()


class TestMarking:
    def test_is_of_the_person_once(self, cause: Cause, statement: Statement, alice: User) -> None:
        for _ in range(2):
            mark(by=alice, statement=statement, wording=1)
        assert Mark.objects.count() == 1
        assert own_marks(user=alice, cid=version_of(cause).cid) == {1}

    def test_can_be_taken_back(self, statement: Statement, alice: User) -> None:
        mark(by=alice, statement=statement, wording=1)
        for _ in range(2):
            unmark(by=alice, statement=statement)
        assert not Mark.objects.exists()

    def test_is_not_for_what_is_one_s_own(
        self, cause: Cause, statement: Statement, alice: User, charlie: User
    ) -> None:
        with pytest.raises(ValidationError) as error:
            mark(by=charlie, statement=statement, wording=1)
        assert code_of(error) == "own"
        vote(charlie, cause, "for")
        revise_cause(by=alice, cause=cause, demand=NEW)
        with pytest.raises(ValidationError) as error:
            mark(by=charlie, statement=statement, wording=1)
        assert code_of(error) == "own"

    def test_is_for_the_words_that_were_read(
        self, statement: Statement, alice: User, charlie: User
    ) -> None:
        edit_statement(by=charlie, statement=statement, text="Quite the contrary")
        with pytest.raises(ValidationError) as error:
            mark(by=alice, statement=statement, wording=1)
        assert (code_of(error), Mark.objects.count()) == ("reworded", 0)

    def test_begins_anew_with_a_version(
        self, cause: Cause, statement: Statement, alice: User
    ) -> None:
        vote(alice, cause, "for")
        mark(by=alice, statement=statement, wording=1)
        revise_cause(by=alice, cause=cause, demand=NEW)
        assert own_marks(user=alice, cid=version_of(cause).cid) == set()
        mark(by=alice, statement=statement, wording=1)
        assert Mark.objects.count() == 2

    def test_ends_with_the_statement_and_with_the_vote(
        self, cause: Cause, statement: Statement, alice: User, charlie: User
    ) -> None:
        other = post_statement(by=charlie, cause=cause, side="against", text="It was too sweet.")
        withdraw_statement(by=charlie, statement=statement)
        with pytest.raises(ValidationError) as error:
            mark(by=alice, statement=statement, wording=1)
        assert code_of(error) == "gone"
        close_cause(by=alice, cause=cause)
        with pytest.raises(ValidationError) as error:
            mark(by=alice, statement=other, wording=1)
        assert code_of(error) == "not_open"

    def test_is_not_done_without_end(
        self, statement: Statement, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_000.0)
        for _ in range(60):
            mark(by=alice, statement=statement, wording=1)
            unmark(by=alice, statement=statement)
        with pytest.raises(TooOften):
            mark(by=alice, statement=statement, wording=1)


class TestLeaving:
    def test_with_all_votes_takes_reasons_along(
        self, cause: Cause, statement: Statement, charlie: User
    ) -> None:
        vote(charlie, cause, "for")
        leave(user=charlie, withdraw=True)
        statement.refresh_from_db()
        assert (statement.text, bool(statement.withdrawn_at)) == ("", True)

    def test_without_them_leaves_the_words_to_nobody(
        self, cause: Cause, statement: Statement, charlie: User
    ) -> None:
        vote(charlie, cause, "for")
        leave(user=charlie, withdraw=False)
        statement.refresh_from_db()
        assert (statement.text, statement.withdrawn_at) == (TEXT, None)


def test_withdrawing_votes_alone_leaves_reasons(
    cause: Cause, statement: Statement, charlie: User
) -> None:
    vote(charlie, cause, "for")
    withdraw_all(user=charlie)
    statement.refresh_from_db()
    assert statement.text == TEXT
