"""What somebody who means no good tries with reasons, marks and reports."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from stimme.apps.accounts import limits
from stimme.apps.accounts.models import User
from stimme.apps.ballot.selectors import own_seats
from stimme.apps.causes.models import Cause
from stimme.apps.deliberation.models import Mark, Statement
from stimme.apps.deliberation.selectors import reasons
from stimme.apps.deliberation.services import mark, post_statement
from stimme.apps.deliberation.strength import Marks
from stimme.apps.moderation.models import Report
from stimme.apps.moderation.services import dismiss, hide, report
from tests.house import version_of, vote
from tests.visitors import text_of, visitor

TEXT = "It was the only one without sugar."
HOUR = 3600.0


@pytest.fixture
def statement(cause: Cause, alice: User) -> Statement:
    return post_statement(by=alice, cause=cause, side="for", text=TEXT)


@pytest.fixture
def address(cause: Cause) -> str:
    return f"/reasons/{cause.slug}/"


@pytest.fixture
def thief(charlie: User) -> Client:
    return visitor(charlie)


def give(client: Client, address: str, **typed: str) -> int:
    form = {"side": "for", "text": TEXT, "source_url": "", "go": "post", **typed}
    return client.post(f"{address}give/", form).status_code


class TestSomebodyElse:
    def test_cannot_be_marked_as(
        self, cause: Cause, address: str, statement: Statement, alice: User, thief: Client
    ) -> None:
        """Who marks is who is signed in, whatever else the form says."""
        cid = version_of(cause).cid
        vote(alice, cause, "against")
        p = own_seats(user=alice, cids=[cid])[cid].p
        form = {"mark": "1", "p": p, "cid": cid, "user": str(alice.pk)}
        thief.post(f"{address}{statement.number}/mark/", form)
        assert Mark.objects.get().p != p
        assert reasons(cause.pk).for_[0].got == Marks(0, 0, 1)

    @pytest.mark.parametrize("act", ["edit", "withdraw"])
    def test_keeps_their_words(
        self, address: str, statement: Statement, thief: Client, bob: User, act: str
    ) -> None:
        form = {"text": "The opposite", "source_url": ""}
        for client in (thief, visitor(bob)):
            path = f"{address}{statement.number}/{act}/"
            assert (client.get(path).status_code, client.post(path, form).status_code) == (403, 403)
        statement.refresh_from_db()
        assert (statement.text, statement.withdrawn_at) == (TEXT, None)

    @pytest.mark.parametrize("act", ["edit", "withdraw", "mark"])
    def test_has_no_reason_in_another_cause(
        self, cause: Cause, statement: Statement, alice: User, act: str
    ) -> None:
        client = visitor(alice)
        for path in [
            f"/reasons/nothing/{statement.number}/{act}/",
            f"/reasons/{cause.slug}/99/{act}/",
        ]:
            assert client.post(path, {"mark": "1"}).status_code == 404

    def test_needs_a_token_of_their_own_browser(
        self, address: str, statement: Statement, charlie: User
    ) -> None:
        """A form on another site marks and posts nothing."""
        client = visitor(charlie, csrf=True)
        assert give(client, address) == 403
        assert client.post(f"{address}{statement.number}/mark/", {"mark": "1"}).status_code == 403
        assert (Mark.objects.count(), Statement.objects.count()) == (0, 1)


class TestTexts:
    @pytest.mark.parametrize(
        "text",
        ["x" * 281, "\u202egnorw", "a\u200bb c", "p\u0430ypal", "\x00 nothing", "   ", "!!!"],
    )
    def test_with_tricks_are_refused(self, address: str, thief: Client, text: str) -> None:
        for go in ("look", "post"):
            assert give(thief, address, text=text, go=go) == 422
        assert not Statement.objects.exists()

    @pytest.mark.parametrize(
        "url",
        [
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://example.org/x",
            "https://exa\u202emple.org",
            "https://" + "x" * 500 + ".org",
        ],
    )
    def test_lead_to_the_web_alone(self, address: str, thief: Client, url: str) -> None:
        assert give(thief, address, source_url=url) == 422
        assert not Statement.objects.exists()

    def test_are_shown_as_they_were_typed(
        self, cause: Cause, address: str, thief: Client, bob: User, alice: User
    ) -> None:
        text = "<script>alert(1)</script> {{ user }} {% now %} 'x' \" & <b>bold</b>"
        url = "https://example.org/?a=1&b=%22%3E%3Cscript%3E"
        escaped = "&lt;script&gt;alert(1)&lt;/script&gt; {{ user }} {% now %}"
        look = {"side": "for", "text": text, "source_url": url, "go": "look"}
        assert "<script>alert" not in text_of(thief.post(f"{address}give/", look))
        assert give(thief, address, text=text, source_url=url) == 302
        [statement] = Statement.objects.all()
        report(by=alice, statement=statement, reason=text)
        pages = {
            address: None,
            cause.get_absolute_url(): None,
            f"/moderation/reasons/{cause.slug}/1/report/": alice,
            "/moderation/reports/": bob,
            f"/moderation/hide/statement/{statement.pk}/": bob,
        }
        for path, user in pages.items():
            html = text_of(visitor(user).get(path))
            assert (escaped in html, "<script>alert" in html, "<b>bold" in html) == (
                True,
                False,
                False,
            ), path

    def test_of_the_longest_kind_are_taken(self, address: str, thief: Client) -> None:
        assert give(thief, address, text="\u00e4 b" * 70 + "\u0065\u0301" * 70) == 302
        assert len(Statement.objects.get().text) == 280


class TestNothingOfAHiddenCause:
    def test_is_shown_or_taken(
        self, cause: Cause, address: str, statement: Statement, bob: User, thief: Client
    ) -> None:
        hide(by=bob, target=cause, reason="It names a private person.")
        for path in [address, f"{address}give/"]:
            answer = thief.get(path, follow=True)
            assert (answer.status_code, TEXT in text_of(answer)) == (403, False)
        give(thief, address)
        thief.post(f"{address}{statement.number}/mark/", {"mark": "1"})
        assert thief.get(f"/moderation/reasons/{cause.slug}/1/report/").status_code == 404
        assert (Statement.objects.count(), Mark.objects.count()) == (1, 0)


class TestFlooding:
    @pytest.fixture(autouse=True)
    def _at_one_moment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_000.0)

    def test_with_reasons_ends(self, cause: Cause, address: str, thief: Client) -> None:
        """Five an hour, whether they are withdrawn again or not; three at once."""
        codes = [give(thief, address, text=f"{TEXT} {n}") for n in range(4)]
        assert codes == [302, 302, 302, 422]
        for number in (1, 2, 3):
            thief.post(f"{address}{number}/withdraw/")
        assert [give(thief, address) for _ in range(3)] == [302, 302, 429]
        assert cause.statements.filter(withdrawn_at=None).count() == 2

    def test_of_the_log_with_wordings_ends(self, address: str, thief: Client) -> None:
        assert give(thief, address) == 302
        form = {"text": TEXT, "source_url": ""}
        codes = [thief.post(f"{address}1/edit/", form).status_code for _ in range(5)]
        assert codes == [302, 302, 302, 302, 429]
        assert Statement.objects.get().wording == 5

    def test_with_reports_ends(self, cause: Cause, thief: Client) -> None:
        people = [User.objects.create_user(f"author-{number}@example.org") for number in range(11)]
        for number, author in enumerate(people):
            post_statement(by=author, cause=cause, side="for", text=f"{TEXT} {number}")
        codes = [
            thief.post(
                f"/moderation/reasons/{cause.slug}/{number}/report/", {"reason": "Spam"}
            ).status_code
            for number in range(1, 12)
        ]
        assert codes == [302] * 10 + [429]


class TestRights:
    def test_to_dismiss_reports_are_those_of_staff(
        self, statement: Statement, charlie: User, alice: User, thief: Client
    ) -> None:
        made = report(by=charlie, statement=statement, reason="Spam")
        assert thief.post(f"/moderation/reports/{made.pk}/dismiss/").status_code == 403
        with pytest.raises(PermissionDenied):
            dismiss(by=alice, report=made)
        assert Report.objects.get().state == "open"

    def test_do_not_come_with_a_mark_from_a_machine(
        self, cause: Cause, statement: Statement
    ) -> None:
        """Marks without a vote never move what the other side says."""
        for number in range(10):
            machine = User.objects.create_user(f"machine-{number}@example.org")
            mark(by=machine, statement=statement, wording=1)
        found = reasons(cause.pk)
        assert (found.by, found.for_[0].across) == ("newest", 0)


@pytest.mark.parametrize("mark", ["", "x", "-1", "99999999999", "1.5"])
def test_a_malformed_mark_is_refused(
    address: str, statement: Statement, thief: Client, mark: str
) -> None:
    answer = thief.post(f"{address}{statement.number}/mark/", {"mark": mark})
    assert (answer.status_code, Mark.objects.count()) == (400, 0)


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "\u0663"])
def test_a_malformed_page_is_no_error_of_the_server(
    address: str, statement: Statement, page: str
) -> None:
    assert visitor().get(address, {"page": page}).status_code in {200, 404}
