"""The pages on which readers name who is affected, and staff check sources."""

import pytest

from stimme.apps.accounts.models import User
from stimme.apps.causes.checking import check_source, let_check
from stimme.apps.causes.models import AffectedParty, Cause, Source, SourceCheck
from stimme.apps.causes.services import close_cause
from stimme.apps.moderation.services import hide
from tests.visitors import text_of, visitor

DRIVERS = {"name": "Drivers", "effect": "loses", "how": "They drive one more round."}
WITHDRAWN = {
    "verdict": "withdrawn",
    "note": "Retracted in May.",
    "evidence": "https://example.org/retraction",
}


def affected(cause: Cause) -> str:
    return f"{cause.get_absolute_url()}affected/"


@pytest.fixture
def source(cause: Cause) -> Source:
    return cause.sources.get()


@pytest.fixture
def checker(bob: User) -> User:
    let_check(user=bob)
    return bob


def check(source: Source) -> str:
    return f"{source.cause.get_absolute_url()}sources/{source.pk}/check/"


class TestNamingSomebody:
    def test_puts_them_on_the_briefing_marked(self, cause: Cause, charlie: User) -> None:
        client = visitor(charlie)
        assert client.get(affected(cause)).status_code == 200
        answer = client.post(affected(cause), DRIVERS)
        assert answer.headers["Location"] == f"{cause.get_absolute_url()}briefing/"
        html = text_of(client.get(answer.headers["Location"]))
        assert 'They drive one more round. <span class="note">(named by a reader)' in html
        assert "Thank you." in html

    def test_can_be_hidden_by_moderation(self, cause: Cause, bob: User, charlie: User) -> None:
        visitor(charlie).post(affected(cause), DRIVERS)
        hide(by=bob, target=AffectedParty.objects.get(by_reader=True), reason="Untrue.")
        html = text_of(visitor().get(f"{cause.get_absolute_url()}briefing/"))
        assert "Drivers" not in html

    def test_says_what_is_wrong(self, cause: Cause, charlie: User) -> None:
        known = {**DRIVERS, "name": "Shoppers"}
        answer = visitor(charlie).post(affected(cause), known)
        assert answer.status_code == 422
        assert "This party is named already." in text_of(answer)

    def test_is_escaped_wherever_it_stands(self, cause: Cause, charlie: User) -> None:
        """Also among the options of the self-check."""
        client = visitor(charlie)
        client.post(affected(cause), {**DRIVERS, "name": "<b>Drivers</b>"})
        for page in ["", "briefing/"]:
            html = text_of(client.get(cause.get_absolute_url() + page))
            assert "&lt;b&gt;Drivers&lt;/b&gt;" in html
            assert "<b>Drivers" not in html

    def test_is_not_for_a_closed_cause(self, cause: Cause, alice: User, charlie: User) -> None:
        close_cause(by=alice, cause=cause)
        assert visitor(charlie).post(affected(cause), DRIVERS).status_code == 403

    def test_is_not_for_a_hidden_cause(self, cause: Cause, bob: User, charlie: User) -> None:
        hide(by=bob, target=cause, reason="Under review.")
        assert visitor(charlie).post(affected(cause), DRIVERS).status_code == 404

    def test_needs_a_token(self, cause: Cause, charlie: User) -> None:
        assert visitor(charlie, csrf=True).post(affected(cause), DRIVERS).status_code == 403


class TestCheckingASource:
    def test_says_so_beside_it_everywhere(self, source: Source, checker: User) -> None:
        answer = visitor(checker).post(check(source), {"verdict": "checked", "note": "It says so."})
        assert answer.headers["Location"] == source.cause.get_absolute_url()
        for page in ["", "briefing/"]:
            html = text_of(visitor().get(source.cause.get_absolute_url() + page))
            assert "It says so. (staff, " in html
            assert checker.email not in html

    def test_that_was_withdrawn_leads_on_to_a_correction(
        self, source: Source, checker: User
    ) -> None:
        client = visitor(checker)
        answer = client.post(check(source), WITHDRAWN)
        assert answer.headers["Location"] == check(source)
        html = text_of(client.get(check(source)))
        assert f'href="{source.cause.get_absolute_url()}correct/"' in html
        assert "Retracted in May." in html

    def test_is_offered_to_those_with_the_role_alone(
        self, source: Source, checker: User, alice: User
    ) -> None:
        dana = User.objects.create_user("dana@example.org", is_staff=True)
        page = source.cause.get_absolute_url()
        assert check(source) in text_of(visitor(checker).get(page))
        for user in [None, alice, dana]:
            assert check(source) not in text_of(visitor(user).get(page))

    def test_is_refused_without_the_role(self, source: Source, alice: User, bob: User) -> None:
        for user in [alice, bob]:
            assert visitor(user).post(check(source), WITHDRAWN).status_code == 403
        assert SourceCheck.objects.count() == 0

    @pytest.mark.parametrize(
        "typed",
        [
            {**WITHDRAWN, "evidence": ""},
            {**WITHDRAWN, "evidence": "javascript:alert(1)"},
            {**WITHDRAWN, "verdict": "true"},
            {**WITHDRAWN, "note": "x" * 301},
        ],
    )
    def test_says_what_is_wrong(self, source: Source, checker: User, typed: dict[str, str]) -> None:
        assert visitor(checker).post(check(source), typed).status_code == 422

    def test_of_another_cause_is_not_found(self, source: Source, checker: User) -> None:
        wrong = f"/causes/another-cause/sources/{source.pk}/check/"
        assert visitor(checker).post(wrong, WITHDRAWN).status_code == 404

    def test_escapes_what_is_written(self, source: Source, checker: User) -> None:
        check_source(
            by=User.objects.get(pk=checker.pk), source=source, verdict="checked", note="<b>So</b>"
        )
        html = text_of(visitor().get(source.cause.get_absolute_url()))
        assert "&lt;b&gt;So&lt;/b&gt; (staff" in html
