"""In a storm, newcomers share one reading of a cause for a second; nobody else's part in it."""

import re

import pytest
from allauth.mfa.models import Authenticator
from pytest_django import DjangoAssertNumQueries, Settings

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import account_secret
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.selectors import count_of
from stimme.apps.causes import selectors
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, revise_cause
from stimme.apps.moderation.services import hide
from tests.addresses import URLCONF
from tests.house import version_of, vote
from tests.visitors import paper_on, text_of, visitor

PARTS = ["", "briefing/"]  # of the address of a cause
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


def page(user: User | None, cause: Cause, part: str = "") -> str:
    return text_of(visitor(user).get(cause.get_absolute_url() + part))


@pytest.mark.parametrize("part", PARTS)
def test_the_next_newcomer_asks_only_for_what_is_their_own(
    part: str,
    cause: Cause,
    charlie: User,
    dora: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """Session, account, secret with level, and seats; nothing of the cause."""
    page(charlie, cause, part)
    account_secret(user=dora)  # made at the first cause that somebody opens
    client = visitor(dora)
    with django_assert_num_queries(4):
        client.get(cause.get_absolute_url() + part)


def test_a_second_later_it_is_read_anew(
    cause: Cause, alice: User, charlie: User, clock: Clock
) -> None:
    assert "Nobody has voted yet." in page(charlie, cause)
    vote(alice, cause, "for")
    assert "Nobody has voted yet." in page(charlie, cause)
    clock.now = 1.0
    assert "1 voter" in page(charlie, cause)


@pytest.mark.parametrize("part", PARTS)
class TestTheFormLetter:
    """Newcomers' pages are one page with blanks: it must be theirs, and nobody else's."""

    def test_is_filled_in_for_each(
        self, part: str, cause: Cause, charlie: User, dora: User
    ) -> None:
        for user in [charlie, dora]:
            html, cid = page(user, cause, part), version_of(cause).cid
            pseudonym = pseudonym_of(secret=account_secret(user=user), cid=cid)
            assert html.count(f'data-account="{user.pk}"') == 1
            assert html.count(f'data-pseudonym="{pseudonym}"') == 1

    def test_holds_a_paper_that_opens_for_this_session_alone(
        self, part: str, cause: Cause, charlie: User, dora: User
    ) -> None:
        clients = [visitor(user) for user in [charlie, dora]]
        papers = [paper_on(client, cause, part) for client in clients]
        stolen = clients[1].post("/ballot", {"paper": papers[0], "choice": "for"})
        assert stolen.status_code == 403
        for client, paper in zip(clients, papers, strict=True):
            cast = client.post("/ballot", {"paper": paper, "choice": "for"})
            assert cast.status_code == 302
        assert count_of(version_of(cause).cid).votes_for == 2

    def test_is_the_page_that_would_be_rendered(
        self, part: str, cause: Cause, charlie: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        letter = page(charlie, cause, part)
        for module in ["views", "briefing_views"]:
            monkeypatch.setattr(f"stimme.apps.causes.{module}.is_plain", lambda *_: False)
        own, paper = page(charlie, cause, part), r'name="paper" value="[^"]+"'
        assert re.sub(paper, "", own) == re.sub(paper, "", letter)

    def test_names_nobody_else(
        self, part: str, cause: Cause, charlie: User, dora: User, settings: Settings
    ) -> None:
        settings.STIMME = settings.STIMME.model_copy(update={"demo": True})
        settings.ROOT_URLCONF = URLCONF
        for user, other in [(charlie, dora), (dora, charlie)]:
            html = page(user, cause, part)
            assert f"You are {user.email}." in html
            assert other.email not in html
            assert "nobody.invalid" not in html

    def test_escapes_what_it_is_filled_with(
        self, part: str, cause: Cause, settings: Settings
    ) -> None:
        settings.STIMME = settings.STIMME.model_copy(update={"demo": True})
        settings.ROOT_URLCONF = URLCONF
        eve = User.objects.create_user("eve&<b>@example.org")
        assert "eve&amp;&lt;b&gt;@example.org" in page(eve, cause, part)

    def test_has_the_level_of_the_visitor(
        self, part: str, cause: Cause, charlie: User, dora: User
    ) -> None:
        Authenticator.objects.create(user=dora, type="webauthn", data={"name": "Phone"})
        assert 'data-level="0"' in page(charlie, cause, part)
        assert 'data-level="1"' in page(dora, cause, part)

    def test_carries_no_token_and_no_message(self, part: str, cause: Cause, charlie: User) -> None:
        client = visitor(charlie)
        client.get("/account/sign-out/")
        assert "csrfmiddlewaretoken" not in text_of(client.get(cause.get_absolute_url() + part))

    def test_is_for_nobody_who_has_a_message(self, part: str, cause: Cause, charlie: User) -> None:
        client = visitor(charlie)
        page(charlie, cause, part)
        session = client.session
        session["_messages"] = '[["__json_message",0,25,"Well done.",""]]'
        session.save()
        assert "Well done." in text_of(client.get(cause.get_absolute_url() + part))
        assert "Well done." not in text_of(client.get(cause.get_absolute_url() + part))

    def test_speaks_each_language(self, part: str, cause: Cause, charlie: User, dora: User) -> None:
        address = cause.get_absolute_url() + part
        english = text_of(visitor(charlie).get(address))
        german = text_of(visitor(dora, language="de").get(address))
        assert "Are you for or against it?" in english
        assert "Are you for or against it?" not in german
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
