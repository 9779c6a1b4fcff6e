"""The ground shifts: a correction, and then another wording, as author and voter meet them."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Server, Visits, violations
from tests.browser.sign_in import sign_in_as, sign_in_by_code
from tests.browser.voter import press

CAUSE = "/causes/?q=Turnverein+Mitgliederbeitrag"


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def javascript(request: pytest.FixtureRequest) -> bool:
    is_on: bool = request.param
    return is_on


@pytest.fixture
def author(visits: Visits, javascript: bool) -> Page:
    page = visits.open(javascript=javascript)
    sign_in_as(page, "author")
    return page


@pytest.fixture
def voter(visits: Visits, server: Server, javascript: bool) -> Page:
    """Somebody new, who has voted for it."""
    page = visits.open(javascript=javascript)
    name = "with-script" if javascript else "without-script"
    sign_in_by_code(page, server, f"{name}@second-thoughts.example")
    open_cause(page)
    with page.expect_navigation(url="**/receipt/**"):
        press(page, "for")
    return page


def open_cause(page: Page) -> None:
    page.goto(CAUSE)
    with page.expect_navigation():
        page.locator(".cause h3 a").first.click()


def follow(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("link", name=name).first.click()


def submit(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def correct(page: Page, what: str) -> None:
    open_cause(page)
    follow(page, "Correct")
    page.get_by_role("radio", name="A claim was shown to be false").check()
    page.get_by_label("What was wrong, and what is right?").fill(what)
    page.get_by_label("Since when was it wrong?").fill("2026-11-03")
    submit(page, "Record it for good")
    expect(page.get_by_role("heading", level=1)).to_have_text("A claim was shown to be false")


def reword(page: Page, ask: str) -> None:
    open_cause(page)
    follow(page, "Reword")
    page.get_by_label("Your demand, in one clear sentence").fill(ask)
    submit(page, "Show the difference")
    with page.expect_navigation():
        page.locator("button[value=publish]").click()


def judge(page: Page) -> None:
    """Hold the page to the rules on a phone and on a desktop."""
    for screen in [PHONE, DESKTOP]:
        page.set_viewport_size(screen)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert violations(page) == ""


def test_a_correction_asks_and_then_a_new_wording(
    author: Page, voter: Page, javascript: bool
) -> None:
    mark = "A" if javascript else "B"
    correct(author, f"Correction {mark}: it is not 3000 francs.")

    open_cause(voter)
    expect(voter.get_by_text("Corrected on").first).to_be_visible()
    follow(voter, "Do you stand by your vote?")
    expect(voter.get_by_text(f"Correction {mark}")).to_be_visible()
    if javascript:
        judge(voter)
    submit(voter, "I stand by it")
    expect(voter.get_by_text("You stand by your vote.")).to_be_visible()

    reword(author, f"Senkt den Mitgliederbeitrag für alle unter 25 auf die Hälfte ({mark})")
    open_cause(voter)
    follow(voter, "See what changed, and carry your vote over or choose again")
    expect(voter.locator("ins").last).to_contain_text(f"({mark})")
    expect(voter.get_by_role("radio", name="For", exact=True)).to_be_checked()
    if javascript:
        judge(voter)
    with voter.expect_navigation(url="**/receipt/**"):
        voter.locator(".vote-confirm").click()
    expect(voter.get_by_role("heading", level=1)).to_have_text("You voted for it")
    open_cause(voter)
    expect(voter.get_by_role("link", name=re.compile("carry your vote over"))).to_have_count(0)
