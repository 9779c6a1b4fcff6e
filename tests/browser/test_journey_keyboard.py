"""A vote without a mouse: everything is reached with Tab, seen when reached, done with Enter."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visits
from tests.browser.sign_in import sign_in_as

MOST_STOPS = 80
FOCUSED = """() => {
    const element = document.activeElement
    const seen = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
    const box = element.getBoundingClientRect()
    return {
        words: (element.closest("label") || element).innerText
            || element.getAttribute("aria-label") || element.value || "",
        name: element.name || "",
        visible: seen(getComputedStyle(element)) && box.width > 0 && box.height > 0
            && box.top < innerHeight && box.bottom > 0,
    }
}"""


def stops(page: Page, last: str) -> list[str]:
    """Press Tab until a control of this name has the focus: the words of all that had it."""
    words: list[str] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        assert focused["visible"], focused
        words.append(focused["words"].strip())
        if focused["name"] == last:
            return words
    pytest.fail(f"Tab never reached {last}: {words}")


@pytest.mark.parametrize("javascript", [True, False])
def test_tab_reaches_the_vote_and_enter_casts_it(visits: Visits, *, javascript: bool) -> None:
    page = visits.open(javascript=javascript)
    sign_in_as(page, "voter")
    page.goto("/causes/?q=boathouse")
    page.locator("article.cause h3 a").first.press("Enter")
    page.wait_for_url("**/causes/*/")
    reached = stops(page, last="choice")
    assert reached[0] == "Skip to the content"
    assert reached[-1] in {"For", "Against"}  # in the order that this voter meets them
    if reached[-1] == "For":
        page.keyboard.press("ArrowDown")
    else:
        page.keyboard.press("Space")
    assert page.evaluate(FOCUSED)["words"].strip() == "Against"
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["words"].strip() == "Change my vote"
    with page.expect_navigation(url="**/receipt/**"):
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("You voted against it")


def test_the_skip_link_leads_past_the_menu(visits: Visits) -> None:
    page = visits.open("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_a_search_needs_no_mouse(visits: Visits) -> None:
    page = visits.open("/")
    stops(page, last="q")
    page.keyboard.type("boathouse")
    with page.expect_navigation(url="**/causes/?q=boathouse"):
        page.keyboard.press("Enter")
    expect(page.locator("article.cause")).to_have_count(1)


def test_the_menu_of_a_phone_opens_and_closes(visits: Visits) -> None:
    page = visits.open("/", phone=True)
    menu = page.get_by_role("button", name="Menu")
    menu.press("Enter")
    expect(page.get_by_role("link", name="My votes").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#menu")).to_be_hidden()
    expect(menu).to_be_focused()
