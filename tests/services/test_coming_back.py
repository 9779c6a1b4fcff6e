"""One mailbox, one vote on a cause: also for who leaves, comes back, or moves to another."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from stimme.apps.accounts import departures
from stimme.apps.accounts.forgetting import forget_old_counts
from stimme.apps.accounts.models import DepartedMailbox, User
from stimme.apps.accounts.services import (
    account_of_confirmed_address,
    account_secret,
    erase_account,
    make_staff,
    note_new_address,
)
from stimme.apps.ballot.errors import OpenedBefore
from stimme.apps.ballot.models import Box
from stimme.apps.ballot.selectors import count_of
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, revise_cause
from stimme.web.leaving import leave
from tests.house import start_cause, version_of, vote

pytestmark = pytest.mark.django_db
OTHER = "dora@example.org"


def account_of(email: str) -> User:
    return account_of_confirmed_address(email=email, network="a network")


def move(user: User, email: str) -> None:
    old, user.email = user.email, email
    user.save(update_fields=["email"])
    note_new_address(user=user, old=old)


def left_at() -> datetime:
    return DepartedMailbox.objects.get().left_at


def votes_for(cause: Cause) -> int:
    return count_of(version_of(cause).cid).votes_for


class TestWhoComesBack:
    @pytest.mark.parametrize("withdraw", [True, False])
    def test_gets_no_paper_for_what_was_open_before(
        self, cause: Cause, charlie: User, *, withdraw: bool
    ) -> None:
        vote(charlie, cause, "for")
        leave(user=charlie, withdraw=withdraw)
        with pytest.raises(OpenedBefore) as refusal:
            vote(account_of(charlie.email), cause, "for")
        assert refusal.value.since == left_at()

    def test_votes_on_what_was_opened_since(self, cause: Cause, charlie: User) -> None:
        vote(charlie, cause, "for")
        leave(user=charlie, withdraw=False)
        back = account_of(charlie.email)
        new = start_cause(User.objects.create_user(OTHER), cause.organisation, "Bring back Y")
        vote(back, new, "for")
        assert votes_for(new) == 1

    def test_votes_on_a_newer_wording(self, cause: Cause, alice: User, charlie: User) -> None:
        vote(charlie, cause, "for")
        leave(user=charlie, withdraw=False)
        back = account_of(charlie.email)
        revise_cause(by=alice, cause=cause, demand=Demand("Bring back Product Y", "en", ""))
        vote(back, cause, "for")
        assert votes_for(cause) == 1

    def test_changes_and_withdraws_those_votes(self, cause: Cause, charlie: User) -> None:
        vote(charlie, cause, "for")
        leave(user=charlie, withdraw=False)
        back = account_of(charlie.email)
        new = start_cause(back, cause.organisation, "Bring back Product Y")
        for choice in ["for", "against", "withdrawn"]:
            vote(back, new, choice)
        assert votes_for(new) == 0

    def test_is_known_under_every_address_of_the_mailbox(self, cause: Cause) -> None:
        charlie = account_of("charlie@gmail.com")
        vote(charlie, cause, "for")
        leave(user=charlie, withdraw=False)
        with pytest.raises(OpenedBefore):
            vote(account_of("C.harlie+again@googlemail.com".lower()), cause, "for")

    def test_is_known_as_staff(self, cause: Cause, charlie: User) -> None:
        vote(charlie, cause, "for")
        leave(user=charlie, withdraw=False)
        assert make_staff(email=charlie.email).votes_on_causes_since == left_at()

    def test_votes_on_everything_after_never_having_had_a_paper(
        self, cause: Cause, charlie: User
    ) -> None:
        leave(user=charlie, withdraw=False)
        assert not DepartedMailbox.objects.exists()
        vote(account_of(charlie.email), cause, "for")
        assert votes_for(cause) == 1

    def test_may_have_had_a_paper_without_voting(self, cause: Cause, charlie: User) -> None:
        account_secret(user=charlie)
        leave(user=charlie, withdraw=False)
        with pytest.raises(OpenedBefore):
            vote(account_of(charlie.email), cause, "for")

    def test_holds_nobody_else_back(self, cause: Cause, alice: User, charlie: User) -> None:
        vote(charlie, cause, "for")
        leave(user=charlie, withdraw=False)
        for user in [alice, account_of(OTHER)]:
            assert user.votes_on_causes_since is None
            vote(user, cause, "for")
        assert votes_for(cause) == 3


class TestWhatIsKept:
    def test_is_a_hash_and_a_moment(self, charlie: User) -> None:
        account_secret(user=charlie)
        before = timezone.now()
        leave(user=charlie, withdraw=False)
        [row] = DepartedMailbox.objects.values()
        assert sorted(row) == ["key", "left_at"]
        assert len(row["key"]) == 64
        assert "charlie" not in row["key"]
        assert before <= row["left_at"] <= timezone.now()

    def test_is_the_later_moment_after_leaving_twice(self, charlie: User) -> None:
        account_secret(user=charlie)
        leave(user=charlie, withdraw=False)
        first, back = left_at(), account_of(charlie.email)
        account_secret(user=back)
        leave(user=back, withdraw=False)
        assert left_at() > first

    def test_stays_the_later_moment_where_a_clock_is_set_back(
        self, charlie: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        account_secret(user=charlie)
        leave(user=charlie, withdraw=False)
        first, back = left_at(), account_of(charlie.email)
        account_secret(user=back)
        earlier = first - timedelta(days=1)
        monkeypatch.setattr(departures.timezone, "now", lambda: earlier)
        leave(user=back, withdraw=False)
        assert left_at() == first

    def test_does_not_change_by_erasing_again(self, charlie: User) -> None:
        account_secret(user=charlie)
        again = User.objects.get(pk=charlie.pk)
        erase_account(user=charlie)
        first = left_at()
        erase_account(user=again)
        assert left_at() == first

    @pytest.mark.parametrize("days, stays", [(364, True), (366, False)])
    def test_is_forgotten_after_a_year(self, days: int, *, stays: bool) -> None:
        DepartedMailbox.objects.create(key="a", left_at=timezone.now() - timedelta(days=days))
        forget_old_counts()
        assert DepartedMailbox.objects.exists() == stays

    def test_is_forgotten_bit_by_bit(self) -> None:
        long_ago = timezone.now() - timedelta(days=400)
        rows = [DepartedMailbox(key=str(number), left_at=long_ago) for number in range(5)]
        DepartedMailbox.objects.bulk_create(rows)
        forget_old_counts(at_most=2)
        assert DepartedMailbox.objects.count() == 3


class TestWhoMoves:
    def test_leaves_no_second_vote_behind(self, cause: Cause, charlie: User) -> None:
        first = charlie.email
        vote(charlie, cause, "for")
        move(charlie, OTHER)
        with pytest.raises(OpenedBefore):
            vote(account_of(first), cause, "for")

    def test_finds_none_in_a_mailbox_that_was_left(self, cause: Cause, charlie: User) -> None:
        vote(charlie, cause, "for")
        leave(user=charlie, withdraw=False)
        dora = account_of(OTHER)
        move(dora, charlie.email)
        with pytest.raises(OpenedBefore):
            vote(dora, cause, "for")

    def test_keeps_the_votes_there_are(self, cause: Cause, alice: User, charlie: User) -> None:
        for user in [alice, charlie]:
            vote(user, cause, "for")
        email = alice.email
        leave(user=alice, withdraw=False)
        move(charlie, email)
        vote(charlie, cause, "withdrawn")
        assert votes_for(cause) == 1

    def test_within_the_mailbox_leaves_nothing(self, cause: Cause) -> None:
        charlie = account_of("charlie@gmail.com")
        account_secret(user=charlie)
        move(charlie, "char.lie@gmail.com")
        assert not DepartedMailbox.objects.exists()
        vote(charlie, cause, "for")

    def test_is_held_to_the_later_of_two_moments(self, charlie: User) -> None:
        since = timezone.now() + timedelta(days=1)
        charlie.votes_on_causes_since = since
        charlie.save(update_fields=["votes_on_causes_since"])
        dora = account_of(OTHER)
        account_secret(user=dora)
        leave(user=dora, withdraw=False)
        move(charlie, OTHER)
        assert charlie.votes_on_causes_since == since


@pytest.mark.django_db(transaction=True)
def test_who_signs_up_while_leaving_is_known_or_was_not_gone(cause: Cause, charlie: User) -> None:
    """Whatever the order: no account that can vote on the cause again."""
    vote(charlie, cause, "for")
    start = threading.Barrier(2)

    def at_once(act: str) -> None:
        start.wait()
        try:
            if act == "leave":
                leave(user=charlie, withdraw=False)
            else:
                account_of("charlie@example.org")
        except DatabaseError:
            pass  # found the account half gone, and tries again below
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(at_once, ["leave", "sign up"]))
    back = account_of(charlie.email)
    assert back.pk != charlie.pk
    assert back.votes_on_causes_since == left_at()


def test_a_box_was_opened_when_it_was_whatever_the_log_tells(cause: Cause) -> None:
    """The hour of an imported cause may be years ago; nobody could vote in its box then."""
    opened_at = Box.objects.get(cid=version_of(cause).cid).opened_at
    assert timezone.now() - timedelta(minutes=1) < opened_at < timezone.now()
