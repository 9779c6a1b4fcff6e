"""The ledger as its owner uses it: from the list to one vote, a link of their own, and a card."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import DESKTOP, PHONE, Server, Visits, violations
from tests.browser.sign_in import sign_in_as, sign_in_by_code
from tests.browser.voter import press

PROJECTOR: ViewportSize = {"width": 1920, "height": 1080}
OWN_LINK = "#link a.code"
IN_A_YEAR = re.compile("on one page, to print")


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def voter(request: pytest.FixtureRequest, visits: Visits) -> Page:
    page = visits.open(javascript=request.param)
    sign_in_as(page, "voter")
    return page


def open_first_vote(page: Page) -> None:
    page.goto("/votes/")
    with page.expect_navigation():
        page.get_by_role("link", name="All about this vote").first.click()


def test_a_link_of_my_own_counts_who_voted_after_following_it(
    voter: Page, visits: Visits, server: Server, request: pytest.FixtureRequest
) -> None:
    voter.goto("/votes/")
    row = voter.get_by_role("listitem").filter(has_text="boathouse")
    with voter.expect_navigation():
        row.get_by_role("link", name="All about this vote").click()
    before = 0
    if voter.get_by_role("button", name="Make my link").count():
        with voter.expect_navigation():
            voter.get_by_role("button", name="Make my link").click()
        expect(voter.get_by_text("No vote has come through it yet.")).to_be_visible()
    else:
        before = int(re.findall(r"\d+", voter.locator("#link").inner_text())[-1])
    address = voter.locator(OWN_LINK).get_attribute("href")
    friend = visits.open(address, javascript=False)
    with friend.expect_navigation():
        friend.locator("#vote a").first.click()
    name = re.sub(r"\W+", "-", request.node.name)[-30:]
    sign_in_by_code(friend, server, f"{name}@example.org", start=None)
    press(friend, "For")
    voter.reload()
    expect(voter.locator("#link")).to_contain_text(f"{before + 1} first vote")


def test_a_card_shows_my_vote_only_if_i_want_it(voter: Page) -> None:
    open_first_vote(voter)
    with voter.expect_navigation():
        voter.get_by_role("link", name="A card with the question").click()
    picture = voter.locator("img.share-card")
    expect(picture).to_have_js_property("complete", value=True)
    source = picture.get_attribute("src")
    assert source
    assert "I voted" not in voter.request.get(source).text()
    voter.get_by_label("Also show what I voted").check()
    with voter.expect_navigation():
        voter.get_by_role("button", name="Show the card so").click()
    chosen = picture.get_attribute("src")
    assert chosen == f"{source}?choice=on"
    assert "I voted" in voter.request.get(chosen).text()
    with voter.expect_download() as saved:
        voter.get_by_role("link", name="Save the picture").click()
    assert saved.value.suggested_filename.endswith(".svg")


@pytest.mark.parametrize("screen", [PHONE, DESKTOP, PROJECTOR])
def test_its_pages_fit_and_break_no_rule(visits: Visits, screen: ViewportSize) -> None:
    page = visits.open()
    sign_in_as(page, "voter")
    page.set_viewport_size(screen)
    open_first_vote(page)
    vote = page.url
    page.goto("/votes/")
    year = page.get_by_role("link", name=IN_A_YEAR).first.get_attribute("href")
    for address in ("/votes/", year, vote, f"{vote}card/", "/what-your-click-does/"):
        assert address
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        assert not violations(page), address


def test_a_year_prints_without_what_only_a_screen_needs(visits: Visits) -> None:
    page = visits.open()
    sign_in_as(page, "voter")
    page.goto("/votes/")
    with page.expect_navigation():
        page.get_by_role("link", name=IN_A_YEAR).first.click()
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("article.cause").first).to_be_visible()
    for screen_only in (page.locator(".masthead nav"), page.get_by_text("Everything as CSV")):
        expect(screen_only).to_be_hidden()
