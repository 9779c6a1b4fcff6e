"""In a storm, newcomers share one reading of a cause for a second; nobody else's part in it."""

import pytest
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import account_secret
from stimme.apps.causes import selectors
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, revise_cause
from stimme.apps.moderation.services import hide
from tests.house import vote
from tests.visitors import paper_in, text_of, visitor

NEW = Demand("Bring back Product X before Christmas", "en", "It is on the shelf again.")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Seconds pass when the test says so."""
    clock = Clock()
    monkeypatch.setattr(selectors, "monotonic", clock)
    return clock


@pytest.fixture
def dora(db: None) -> User:
    return User.objects.create_user("dora@example.org")


def page(user: User | None, cause: Cause) -> str:
    return text_of(visitor(user).get(cause.get_absolute_url()))


def test_the_next_newcomer_asks_only_for_what_is_their_own(
    cause: Cause, charlie: User, dora: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Session, account, secret with level, and seats; nothing of the cause."""
    page(charlie, cause)
    account_secret(user=dora)  # made at the first cause that somebody opens
    client = visitor(dora)
    with django_assert_num_queries(4):
        client.get(cause.get_absolute_url())


def test_a_second_later_it_is_read_anew(
    cause: Cause, alice: User, charlie: User, clock: Clock
) -> None:
    assert "Nobody has voted yet." in page(charlie, cause)
    vote(alice, cause, "for")
    assert "Nobody has voted yet." in page(charlie, cause)
    clock.now = 1.0
    assert "1 voter" in page(charlie, cause)


def test_each_gets_a_paper_of_their_own(cause: Cause, charlie: User, dora: User) -> None:
    papers = {paper_in(visitor(user), cause) for user in [charlie, dora]}
    assert len(papers) == 2


def test_what_is_shared_names_nobody(cause: Cause, charlie: User, dora: User) -> None:
    assert charlie.email not in page(charlie, cause)
    html = page(dora, cause)
    assert f'data-account="{dora.pk}"' in html
    assert f'data-account="{charlie.pk}"' not in html


def test_each_language_is_its_own(cause: Cause, charlie: User, dora: User) -> None:
    address = cause.get_absolute_url()
    english = text_of(visitor(charlie).get(address))
    german = text_of(visitor(dora, language="de").get(address))
    assert "The demand</h2>" in english
    assert "The demand</h2>" not in german
    assert '<html lang="de"' in german


class TestWhoHasAPartInItSeesAtOnce:
    def test_the_voter(self, cause: Cause, charlie: User) -> None:
        page(charlie, cause)
        vote(charlie, cause, "for")
        html = page(charlie, cause)
        assert "You voted for it" in html
        assert "1 voter" in html

    def test_the_author(self, cause: Cause, alice: User, charlie: User) -> None:
        page(charlie, cause)
        revise_cause(by=alice, cause=cause, demand=NEW)
        assert NEW.ask in page(alice, cause)

    def test_the_staff(self, cause: Cause, bob: User, charlie: User) -> None:
        page(charlie, cause)
        hide(by=bob, target=cause, reason="It names a private person.")
        assert visitor(bob).get(cause.get_absolute_url()).status_code == 403

    def test_the_stranger_whose_page_a_cache_keeps(
        self, cause: Cause, alice: User, charlie: User
    ) -> None:
        page(charlie, cause)
        vote(alice, cause, "for")
        assert "1 voter" in page(None, cause)

    def test_who_voted_on_an_earlier_version(
        self, cause: Cause, alice: User, charlie: User
    ) -> None:
        vote(charlie, cause, "for")
        vote(alice, cause, "for")
        page(charlie, cause)
        revise_cause(by=alice, cause=cause, demand=NEW)
        html = page(charlie, cause)
        assert NEW.ask in html
        assert "You voted on" in html
