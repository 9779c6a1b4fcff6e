"""Reasons as people meet them: give one, find it said already, mark it, take it back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, Visits
from tests.browser.sign_in import sign_in_as, sign_in_by_code

CAUSE = "/causes/?q=boathouse"
OTHERS = "Boats that lie idle on Saturday mornings"


def open_reasons(page: Page) -> None:
    page.goto(CAUSE)
    with page.expect_navigation():
        page.locator(".cause h3 a").first.click()
    with page.expect_navigation(url="**/reasons/*/"):
        page.get_by_role("link", name="See all").click()


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name=name, exact=True).first.click()


def give(page: Page, side: str, text: str) -> None:
    """Write a reason and look at it; it is not posted yet."""
    with page.expect_navigation():
        page.get_by_role("link", name="Give a reason").click()
    page.get_by_label(side, exact=True).check()
    page.get_by_label("Your reason").fill(text)
    press(page, "See how it will stand")


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without"])
def test_a_reason_is_given_reworded_and_withdrawn(
    visits: Visits, server: Server, *, javascript: bool
) -> None:
    page = visits.open(javascript=javascript)
    sign_in_by_code(page, server, f"reasons-{javascript}@example.org")
    open_reasons(page)
    give(page, "for", f"Early hours are quiet on the river, {javascript}.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Post this reason?")
    press(page, "Post it")
    own = page.locator("#own")
    expect(own).to_contain_text("Early hours are quiet")
    with page.expect_navigation():
        own.get_by_role("link", name="Reword").click()
    page.get_by_label("Your reason").fill(f"Before nine the river is empty, {javascript}.")
    press(page, "Save")
    expect(own).to_contain_text("Before nine the river is empty")
    with page.expect_navigation():
        own.get_by_role("link", name="Withdraw").click()
    press(page, "Withdraw")
    expect(own).to_have_count(0)
    expect(page.get_by_text("Withdrawn by its author.").first).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without"])
def test_a_good_reason_is_marked_with_one_press(
    visits: Visits, server: Server, *, javascript: bool
) -> None:
    page = visits.open(javascript=javascript, phone=True)
    sign_in_by_code(page, server, f"marks-{javascript}@example.org")
    open_reasons(page)
    reason = page.locator(".reason", has_text=OTHERS)
    with page.expect_navigation(url="**/#reason-*"):
        reason.get_by_role("button", name="This is a good reason").click()
    marked = reason.get_by_role("button", name="A good reason", pressed=True)
    expect(marked).to_be_visible()
    with page.expect_navigation():
        marked.click()
    expect(reason.get_by_role("button", name="This is a good reason")).to_be_visible()


def test_what_is_said_already_is_marked_instead(visits: Visits, server: Server) -> None:
    page = visits.open()
    sign_in_by_code(page, server, "similar@example.org")
    open_reasons(page)
    give(page, "for", "The boats are idle on Saturday mornings anyway")
    similar = page.locator(".reason", has_text=OTHERS)
    with page.expect_navigation(url="**/#reason-*"):
        similar.get_by_role("button", name="Mark this one instead").click()
    expect(page.locator(".reason", has_text=OTHERS).get_by_role("button")).to_have_text(
        "A good reason"
    )
    expect(page.locator("#own")).to_have_count(0)


def test_each_page_of_reasons_is_for_everybody(
    visits: Visits, accessible: Callable[[Page], None]
) -> None:
    """Widths, both lights and four languages: test_every_page, which finds them by their links."""
    page = visits.open(phone=True)
    sign_in_as(page, "author")
    open_reasons(page)
    accessible(page)
    give(page, "against", "Saturday is the day on which boats are repaired")
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_report_reaches_the_staff(visits: Visits, server: Server) -> None:
    page = visits.open()
    sign_in_by_code(page, server, "reports@example.org")
    open_reasons(page)
    with page.expect_navigation():
        page.locator(".reason", has_text=OTHERS).get_by_role("link", name="Report").click()
    page.get_by_label("What is wrong with it?").fill("A test of reports")
    press(page, "Report")
    staff = visits.open()
    sign_in_as(staff, "staff")
    staff.goto("/moderation/reports/")
    row = staff.locator(".causes > li", has_text="A test of reports")
    with staff.expect_navigation():
        row.get_by_role("button", name="Dismiss the report").click()
    expect(row).to_have_count(0)
