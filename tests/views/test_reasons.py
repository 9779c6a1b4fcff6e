"""The pages of reasons: reading, giving in two steps, rewording, withdrawing, marking."""

import re

import pytest
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import close_cause
from stimme.apps.deliberation import services, views
from stimme.apps.deliberation.models import Mark, Statement
from stimme.apps.moderation.services import hide
from tests.house import vote
from tests.visitors import text_of, visitor

TEXT = "It was the only one without sugar."


@pytest.fixture
def address(cause: Cause) -> str:
    return f"/reasons/{cause.slug}/"


@pytest.fixture
def statement(cause: Cause, charlie: User) -> Statement:
    return services.post_statement(
        by=charlie, cause=cause, side="for", text=TEXT, source_url="https://example.org/sugar"
    )


def given(cause: Cause, user: User, side: str, *texts: str) -> list[Statement]:
    return [services.post_statement(by=user, cause=cause, side=side, text=text) for text in texts]


def words(html: str) -> list[str]:
    return re.findall(r'class="reason-text">\s?<p>(.*?)</p>', html)


class TestReading:
    def test_is_for_everybody(self, address: str, statement: Statement) -> None:
        html = text_of(visitor().get(address))
        assert words(html) == [TEXT]
        assert 'href="https://example.org/sugar" rel="nofollow noopener ugc">example.org' in html
        assert f'id="reason-{statement.number}"' in html

    def test_gives_strangers_the_same_bytes_without_a_token(
        self, address: str, statement: Statement
    ) -> None:
        answers = [visitor().get(address) for _ in range(2)]
        assert answers[0].content == answers[1].content
        assert "public" in answers[0].headers["Cache-Control"]
        assert statement.text in text_of(answers[0])
        assert b"csrfmiddlewaretoken" not in answers[0].content

    def test_says_when_there_is_nothing(self, address: str) -> None:
        assert "Nobody has given a reason yet" in text_of(visitor().get(address))

    def test_sides_take_turns(self, cause: Cause, address: str, alice: User, charlie: User) -> None:
        given(cause, alice, "for", "Pro one", "Pro two", "Pro three")
        given(cause, charlie, "against", "Contra one")
        html = text_of(visitor().get(address))
        assert words(html) == ["Pro three", "Contra one", "Pro two", "Pro one"]
        assert "The newest come first" in html

    def test_tells_marks_only_on_request(
        self, address: str, statement: Statement, alice: User
    ) -> None:
        services.mark(by=alice, statement=statement, wording=1)
        asked = "A good reason for 0 of the 0 voters against it who marked any; for 1 of 1 person"
        assert asked not in text_of(visitor().get(address))
        assert asked in text_of(visitor().get(f"{address}?count=1"))

    def test_shows_why_one_is_hidden_in_its_place(
        self, address: str, statement: Statement, bob: User
    ) -> None:
        hide(by=bob, target=statement, reason="It names a private person.")
        html = text_of(visitor().get(address))
        assert "Hidden by moderation: It names a private person." in html
        assert TEXT not in html

    def test_says_that_one_was_withdrawn(
        self, address: str, statement: Statement, charlie: User
    ) -> None:
        services.withdraw_statement(by=charlie, statement=statement)
        html = text_of(visitor().get(address))
        assert "Withdrawn by its author." in html
        assert TEXT not in html

    def test_comes_in_pages(
        self,
        cause: Cause,
        address: str,
        alice: User,
        charlie: User,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(views, "PER_PAGE", 2)
        given(cause, alice, "for", "Pro one", "Pro two", "Pro three")
        given(cause, charlie, "against", "Contra one")
        assert words(text_of(visitor().get(f"{address}?page=2"))) == ["Pro one"]
        assert words(text_of(visitor().get(f"{address}?page=x"))) == [
            "Pro three",
            "Contra one",
            "Pro two",
        ]
        assert visitor().get(f"{address}?page=3").status_code == 404

    def test_of_a_hidden_cause_leads_to_why(self, cause: Cause, address: str, bob: User) -> None:
        hide(by=bob, target=cause, reason="It names a private person.")
        answer = visitor().get(address)
        assert (answer.status_code, answer.headers["Location"]) == (302, cause.get_absolute_url())

    def test_of_a_closed_cause_takes_nothing(
        self, cause: Cause, address: str, statement: Statement, alice: User
    ) -> None:
        close_cause(by=alice, cause=cause)
        html = text_of(visitor(alice).get(address))
        assert words(html) == [statement.text]
        assert "The vote is closed, and so is this list." in html
        assert ("/give/" in html, "/mark/" in html) == (False, False)

    @pytest.mark.parametrize("number", [1, 3])
    def test_takes_a_fixed_number_of_queries(
        self,
        cause: Cause,
        address: str,
        alice: User,
        charlie: User,
        number: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        """For strangers the cause and three; signed in, session, account, secrets and own."""
        for one in given(cause, alice, "for", *["A reason"] * number):
            services.mark(by=charlie, statement=one, wording=1)
        given(cause, charlie, "against", *["A reason"] * number)
        with django_assert_num_queries(4):
            visitor().get(address)
        client = visitor(charlie)
        client.get(address)
        with django_assert_num_queries(11):
            client.get(address)


class TestTheSectionOfTheCausePage:
    def test_is_the_same_for_all_and_leads_to_all(
        self, cause: Cause, statement: Statement, alice: User
    ) -> None:
        pages = [text_of(visitor(user).get(cause.get_absolute_url())) for user in (None, alice)]
        sections = [
            re.findall(r'<section class="section stack" id="reasons".*?</section>', html)
            for html in pages
        ]
        assert sections[0] == sections[1]
        assert words(sections[0][0]) == [statement.text]
        assert f'href="/reasons/{cause.slug}/"' in sections[0][0]

    def test_has_three_of_each_side(
        self, cause: Cause, alice: User, bob: User, charlie: User
    ) -> None:
        given(cause, alice, "for", "Pro one", "Pro two", "Pro three")
        given(cause, bob, "for", "Pro four")
        given(cause, charlie, "against", "Contra one")
        html = text_of(visitor().get(cause.get_absolute_url()))
        assert words(html) == ["Pro four", "Contra one", "Pro three", "Pro two"]
        assert "See all 5 reasons" in html


class TestGiving:
    def test_shows_it_first_and_posts_it_then(self, address: str, charlie: User) -> None:
        client, typed = visitor(charlie), {"side": "for", "text": f" {TEXT}", "source_url": ""}
        look = client.post(f"{address}give/", {**typed, "go": "look"})
        assert words(text_of(look)) == [TEXT]
        assert not Statement.objects.exists()
        posted = client.post(f"{address}give/", {**typed, "go": "post"})
        assert (posted.status_code, posted.headers["Location"]) == (302, f"{address}#own")
        assert words(text_of(client.get(address))) == [TEXT, TEXT]  # as one's own, and in the list

    def test_keeps_what_was_typed_when_one_goes_back(self, address: str, charlie: User) -> None:
        typed = {"side": "against", "text": TEXT, "source_url": "example.org", "go": "edit"}
        html = text_of(visitor(charlie).post(f"{address}give/", typed))
        assert (TEXT in html, "Something is missing" in html) == (True, False)
        assert re.search(r'value="against"[^>]* checked', html)

    def test_shows_similar_ones_to_mark_instead(
        self, address: str, statement: Statement, alice: User, charlie: User
    ) -> None:
        typed = {"side": "for", "text": "No sugar was in it", "source_url": "", "go": "look"}
        html = text_of(visitor(alice).post(f"{address}give/", typed))
        assert words(html) == ["No sugar was in it", TEXT]
        assert f'formaction="{address}{statement.number}/mark/"' in html
        own = text_of(visitor(charlie).post(f"{address}give/", typed))
        assert ("formaction" in own, "Your own" in own) == (False, True)

    def test_marks_instead(self, address: str, statement: Statement, alice: User) -> None:
        typed = {"side": "for", "text": "No sugar was in it", "mark": "1"}
        answer = visitor(alice).post(f"{address}{statement.number}/mark/", typed)
        assert answer.headers["Location"] == f"{address}#reason-1"
        assert (Mark.objects.count(), Statement.objects.count()) == (1, 1)

    @pytest.mark.parametrize("go", ["look", "post"])
    def test_says_what_is_wrong(self, address: str, charlie: User, go: str) -> None:
        typed = {"side": "", "text": "x" * 281, "source_url": "", "go": go}
        answer = visitor(charlie).post(f"{address}give/", typed)
        assert answer.status_code == 422
        assert "has 281" in text_of(answer)

    def test_says_why_it_is_not_taken(
        self, cause: Cause, address: str, alice: User, charlie: User
    ) -> None:
        given(cause, charlie, "for", "One", "Two", "Three")
        typed = {"side": "for", "text": TEXT, "source_url": "", "go": "post"}
        answer = visitor(charlie).post(f"{address}give/", typed)
        assert answer.status_code == 422
        assert "You have given as many reasons here as one person can." in text_of(answer)
        close_cause(by=alice, cause=cause)
        late = visitor(alice).post(f"{address}give/", typed)
        assert "This cause takes no votes any more, and no reasons." in text_of(late)


class TestOnesOwn:
    def test_is_reworded(self, address: str, statement: Statement, charlie: User) -> None:
        client, edit = visitor(charlie), f"{address}{statement.number}/edit/"
        assert TEXT in text_of(client.get(edit))
        answer = client.post(edit, {"text": "Better words", "source_url": ""})
        assert answer.headers["Location"] == f"{address}#own"
        statement.refresh_from_db()
        assert (statement.text, statement.source_url) == ("Better words", "")

    def test_is_frozen_by_a_mark(
        self, address: str, statement: Statement, alice: User, charlie: User
    ) -> None:
        services.mark(by=alice, statement=statement, wording=1)
        client, edit = visitor(charlie), f"{address}{statement.number}/edit/"
        answer = client.post(edit, {"text": "Other words", "source_url": ""})
        assert answer.status_code == 422
        assert "so its words stay" in text_of(answer)
        html = text_of(client.get(address))
        assert ("Others have marked it" in html, "/edit/" in html) == (True, False)

    def test_is_withdrawn_after_a_question(
        self, address: str, statement: Statement, charlie: User
    ) -> None:
        client, withdraw = visitor(charlie), f"{address}{statement.number}/withdraw/"
        assert TEXT in text_of(client.get(withdraw))
        assert client.post(withdraw).headers["Location"] == address
        assert TEXT not in text_of(client.get(address))
        assert client.get(withdraw).status_code == 404

    def test_cannot_be_marked_or_told_from_others_by_strangers(
        self, address: str, statement: Statement, charlie: User
    ) -> None:
        html = text_of(visitor(charlie).get(address))
        assert ("/mark/" in html, "Your own" in html) == (False, True)
        assert statement.p not in text_of(visitor().get(address))


class TestMarking:
    def test_is_one_press_and_leads_back(
        self, address: str, statement: Statement, alice: User
    ) -> None:
        client, press = visitor(alice), f"{address}{statement.number}/mark/"
        assert "This is a good reason" in text_of(client.get(address))
        answer = client.post(press, {"mark": "1", "page": "2"})
        assert answer.headers["Location"] == f"{address}?page=2#reason-1"
        html = text_of(client.get(address))
        assert ('aria-pressed="true"' in html, "This is a good reason" in html) == (True, False)
        client.post(press, {"mark": "0", "page": "1"})
        assert not Mark.objects.exists()

    def test_says_why_not(
        self, address: str, statement: Statement, alice: User, charlie: User
    ) -> None:
        services.edit_statement(by=charlie, statement=statement, text="Quite the contrary")
        client = visitor(alice)
        client.post(f"{address}{statement.number}/mark/", {"mark": "1"})
        assert "Its author has just changed the words." in text_of(client.get(address))


def test_a_voter_s_page_holds_no_pseudonym_of_reasons(
    cause: Cause, statement: Statement, charlie: User, alice: User
) -> None:
    vote(charlie, cause, "for")
    for path in [cause.get_absolute_url(), f"/reasons/{cause.slug}/"]:
        assert statement.p not in text_of(visitor(alice).get(path))
