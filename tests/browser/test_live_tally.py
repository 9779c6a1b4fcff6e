"""A count that is shown stays up to date while one looks at it, and disturbs nobody."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Server, Visits
from tests.browser.sign_in import sign_in_by_code
from tests.browser.voter import press

LIST = "/causes/?q=boathouse+beginners"
PAUSE = 10_000  # milliseconds between two sentences to a screen reader
# Tells how many streams a page has open: the browser itself does not.
COUNTED = """
window.streams = new Set();
window.EventSource = class extends EventSource {
  constructor(address) { super(address); streams.add(this); }
  close() { super.close(); streams.delete(this); }
};
"""


@pytest.fixture
def cause(visits: Visits) -> str:
    """The address of an open cause with votes."""
    page = visits.open(LIST)
    address = page.locator("article.cause a").first.get_attribute("href")
    page.context.close()
    assert address
    return address


@pytest.fixture
def voter(request: pytest.FixtureRequest, visits: Visits, server: Server, cause: str) -> Page:
    """Somebody new, in front of the same cause, who votes without a script."""
    page = visits.open(javascript=False)
    sign_in_by_code(page, server, f"{request.node.name[:40]}@example.org")
    page.goto(cause)
    return page


@pytest.fixture
def reader(visits: Visits, cause: str) -> Iterator[Page]:
    """A stranger who asked to see the count."""
    page = visits.open()
    page.add_init_script(COUNTED)
    page.clock.install()
    page.goto(f"{cause}?count=1")
    yield page
    page.close()


def votes(page: Page) -> list[int]:
    numbers = page.locator(".tally-numbers dd:nth-of-type(1)").all_inner_texts()
    return [int("".join(number.split())) for number in numbers]


def cast(voter: Page, choice: str) -> None:
    with voter.expect_navigation(url="**/receipt/**"):
        press(voter, choice)


def streams(page: Page) -> int:
    return page.evaluate("streams.size")


def set_visible(page: Page, state: str) -> None:
    """As a browser does when one goes to another tab, or comes back."""
    page.evaluate(
        """state => {
          Object.defineProperty(document, "hidden",
            { value: state === "hidden", configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        state,
    )


def test_numbers_change_in_place(reader: Page, voter: Page) -> None:
    before, summary = votes(reader), reader.locator("#count summary").first
    summary.click()
    below = reader.locator("footer").bounding_box()
    cast(voter, "for")
    expect(reader.locator(".tally-numbers")).to_have_attribute(
        "data-said", f"The count now: {before[0] + 1} for, {before[1]} against."
    )
    assert votes(reader) == [before[0] + 1, before[1]]
    # What was open stays open, the focus stays where it was, and nothing moved.
    expect(reader.locator("#count details").first).to_have_attribute("open", "")
    expect(summary).to_be_focused()
    assert reader.locator("footer").bounding_box() == below


def test_a_screen_reader_hears_of_it_at_most_every_ten_seconds(reader: Page, voter: Page) -> None:
    said = reader.locator("[data-live-said]")
    expect(said).to_be_empty()
    shown = reader.locator(".tally-numbers")
    cast(voter, "against")
    expect(said).not_to_be_empty()
    first = said.inner_text()
    expect(shown).to_have_attribute("data-said", first)
    cast(voter, "for")
    expect(shown).not_to_have_attribute("data-said", first)
    expect(said).to_have_text(first)
    reader.clock.fast_forward(PAUSE)
    expect(said).to_have_text(shown.get_attribute("data-said") or "")


def test_listens_only_while_somebody_looks(reader: Page, voter: Page) -> None:
    assert streams(reader) == 1
    set_visible(reader, "hidden")
    assert streams(reader) == 0
    before = reader.locator(".tally-numbers").get_attribute("data-said")
    cast(voter, "for")
    cast(voter, "against")
    expect(reader.locator(".tally-numbers")).to_have_attribute("data-said", before or "")
    set_visible(reader, "visible")
    assert streams(reader) == 1
    expect(reader.locator(".tally-numbers")).not_to_have_attribute("data-said", before or "")


def test_where_there_is_no_live_tally_the_page_stays_as_it_is(visits: Visits, cause: str) -> None:
    page = visits.open()
    page.add_init_script(COUNTED)
    asked = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=204)

    page.route("**/tally/*/live", refuse)
    page.goto(f"{cause}?count=1")
    page.wait_for_function("() => streams.size === 0")
    for state in ["hidden", "visible"]:
        set_visible(page, state)
    assert len(asked) == 1


def test_before_the_vote_nothing_is_shown_and_nothing_asked(visits: Visits, cause: str) -> None:
    page = visits.open()
    page.add_init_script(COUNTED)
    page.goto(cause)
    assert streams(page) == 0
    expect(page.locator(".tally-numbers")).to_have_count(0)


def test_without_javascript_it_is_a_page(visits: Visits, cause: str) -> None:
    page = visits.open(f"{cause}?count=1", javascript=False)
    assert sum(votes(page)) > 0
