"""Reports of reasons: whoever is signed in makes them, staff dismiss them or hide the text."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause
from stimme.apps.deliberation.models import Statement
from stimme.apps.deliberation.services import mark, post_statement, withdraw_statement
from stimme.apps.moderation.models import Action, Report, ReportState
from stimme.apps.moderation.services import report
from tests.visitors import text_of, visitor

TEXT = "Whoever is against it is a fool."
WHY = "It insults people."


@pytest.fixture
def statement(cause: Cause, charlie: User) -> Statement:
    return post_statement(by=charlie, cause=cause, side="for", text=TEXT)


@pytest.fixture
def address(cause: Cause, statement: Statement) -> str:
    return f"/moderation/reasons/{cause.slug}/{statement.number}/report/"


@pytest.fixture
def staff(bob: User) -> Client:
    return visitor(bob)


def hide_page(statement: Statement) -> str:
    return f"/moderation/hide/statement/{statement.pk}/"


class TestReporting:
    def test_reaches_the_staff_without_a_name(
        self, cause: Cause, address: str, statement: Statement, alice: User, staff: Client
    ) -> None:
        client = visitor(alice)
        assert TEXT in text_of(client.get(address))
        answer = client.post(address, {"reason": WHY})
        assert answer.headers["Location"] == f"/reasons/{cause.slug}/#reason-{statement.number}"
        html = text_of(staff.get("/moderation/reports/"))
        assert (TEXT in html, WHY in html, alice.email in html) == (True, True, False)
        fields = {field.name for field in Report._meta.get_fields()}
        assert fields == {"id", "statement", "reason", "state", "at"}

    def test_says_why(self, address: str, alice: User) -> None:
        for reason in ["", "  ", "\u202egnorw", "x" * 501]:
            assert visitor(alice).post(address, {"reason": reason}).status_code == 422
        assert not Report.objects.exists()

    def test_is_once_a_day_for_one_reason(self, address: str, alice: User) -> None:
        client = visitor(alice)
        codes = [client.post(address, {"reason": WHY}).status_code for _ in range(2)]
        assert (codes, Report.objects.count()) == ([302, 429], 1)

    def test_is_of_what_is_shown(
        self, address: str, statement: Statement, charlie: User, alice: User
    ) -> None:
        withdraw_statement(by=charlie, statement=statement)
        assert visitor(alice).get(address).status_code == 404


class TestTheStaff:
    def test_dismiss_a_report(self, statement: Statement, alice: User, staff: Client) -> None:
        made = report(by=alice, statement=statement, reason=WHY)
        answer = staff.post(f"/moderation/reports/{made.pk}/dismiss/")
        assert answer.headers["Location"] == "/moderation/reports/"
        made.refresh_from_db()
        assert made.state == ReportState.DISMISSED
        assert "No report waits" in text_of(staff.get("/moderation/reports/"))
        assert not Action.objects.exists()

    def test_hide_what_was_reported_in_public(
        self, cause: Cause, statement: Statement, alice: User, bob: User, staff: Client
    ) -> None:
        reports = [report(by=user, statement=statement, reason=WHY) for user in (alice, bob)]
        assert "Hide this reason?" in text_of(staff.get(hide_page(statement)))
        answer = staff.post(hide_page(statement), {"reason": "An insult."})
        assert answer.headers["Location"] == f"/reasons/{cause.slug}/#reason-{statement.number}"
        for one in reports:
            one.refresh_from_db()
        assert [one.state for one in reports] == [ReportState.ACTED] * 2
        log = text_of(visitor().get("/moderation/"))
        assert ("An insult." in log, TEXT in log) == (True, False)
        assert f'href="/reasons/{cause.slug}/#reason-{statement.number}"' in log

    def test_show_it_again_with_its_marks(
        self, cause: Cause, statement: Statement, alice: User, staff: Client
    ) -> None:
        mark(by=alice, statement=statement, wording=1)
        staff.post(hide_page(statement), {"reason": "An insult."})
        restore = f"/moderation/restore/statement/{statement.pk}/"
        assert "Show this reason again?" in text_of(staff.get(restore))
        staff.post(restore, {"reason": "A figure of speech."})
        html = text_of(visitor().get(f"/reasons/{cause.slug}/?count=1"))
        assert (TEXT in html, "for 1 of 1 person in all" in html) == (True, True)

    def test_leave_the_cause_shown(self, cause: Cause, statement: Statement, staff: Client) -> None:
        """The reason for hiding one text is not told of the whole cause."""
        staff.post(hide_page(statement), {"reason": "An insult."})
        assert visitor().get(cause.get_absolute_url()).status_code == 200
        staff.post(f"/moderation/hide/cause/{cause.pk}/", {"reason": "Under review."})
        html = text_of(visitor().get(cause.get_absolute_url()))
        assert ("Under review." in html, "An insult." in html) == (True, False)

    @pytest.mark.parametrize("number", [1, 3])
    def test_read_the_list_in_a_fixed_number_of_queries(
        self,
        cause: Cause,
        charlie: User,
        alice: User,
        staff: Client,
        number: int,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _ in range(number):
            one = post_statement(by=charlie, cause=cause, side="for", text=TEXT)
            report(by=alice, statement=one, reason=WHY)
        staff.get("/moderation/reports/")
        with django_assert_num_queries(4):
            staff.get("/moderation/reports/")
        staff.post(hide_page(one), {"reason": "An insult."})
        with django_assert_num_queries(2):
            visitor().get("/moderation/")
