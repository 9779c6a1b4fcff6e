"""Both sides before the vote, with and without a script, on four widths, without a mouse."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import Server, Visits
from tests.browser.sign_in import sign_in_by_code
from tests.browser.voter import press

WIDTHS = (320, 390, 768, 1280)


@pytest.fixture
def cause(visits: Visits) -> str:
    """The address of an open cause in English."""
    page = visits.open("/causes/?q=emergency+department")
    address = page.locator("article.cause a").first.get_attribute("href")
    page.context.close()
    assert address
    return address


def new_voter(page: Page, server: Server, name: str) -> Page:
    sign_in_by_code(page, server, f"{name}@example.org")
    return page


def show_line(page: Page) -> str:
    """The one line of the form that is seen."""
    lines = [line for line in page.locator(".act").all() if line.is_visible()]
    assert len(lines) == 1
    return lines[0].inner_text()


@pytest.mark.parametrize("javascript", [True, False])
def test_from_the_cause_by_both_sides_to_the_receipt(
    visits: Visits, server: Server, cause: str, *, javascript: bool
) -> None:
    page = visits.open(javascript=javascript)
    new_voter(page, server, f"briefed-{javascript}".lower())
    page.goto(cause)
    page.get_by_role("link", name="Read both sides first (1 minute)").click()
    page.wait_for_url("**/briefing/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert "Nothing counts before you press" in show_line(page)
    page.get_by_role("radio", name="For", exact=True).check()
    assert show_line(page).startswith("You ask Example Regional Hospital:")
    page.get_by_role("radio", name="Against", exact=True).check()
    assert show_line(page).startswith("You ask Example Regional Hospital not to do this:")
    with page.expect_navigation(url="**/receipt/**"):
        press(page, "against")
    expect(page.get_by_role("heading", level=1)).to_have_text("You voted against it")
    page.goto(cause)
    expect(page.get_by_role("link", name="Read both sides first (1 minute)")).to_have_count(0)


def test_both_tiles_are_equal_in_size_at_every_width(
    visits: Visits, server: Server, cause: str
) -> None:
    page = new_voter(visits.open(), server, "tiles")
    for address in (cause, f"{cause}briefing/"):
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            boxes = [tile.bounding_box() for tile in page.locator("label.tile").all()]
            sizes = {(round(box["width"]), round(box["height"])) for box in boxes if box}
            assert len(boxes) == 2
            assert len(sizes) == 1, (address, width)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_is_for_everybody(
    visits: Visits, server: Server, cause: str, accessible: Callable[[Page], None]
) -> None:
    page = new_voter(visits.open(phone=True), server, "axe")
    page.goto(f"{cause}briefing/")
    page.get_by_text("Check yourself first, if you like").click()
    accessible(page)
    page.get_by_role("radio", name="For", exact=True).check()
    page.emulate_media(color_scheme="dark")
    accessible(page)


def test_the_demand_and_the_answer_are_of_one_size(visits: Visits) -> None:
    page = visits.open("/causes/?show=decided")
    for address in [
        link.get_attribute("href") for link in page.locator("article.cause h3 a").all()
    ]:
        page.goto(f"{address}briefing/")
        if page.locator("blockquote.briefing-words").count():
            break
    sizes = page.locator(".briefing-words").evaluate_all(
        "all => all.map(one => getComputedStyle(one).fontSize)"
    )
    assert len(sizes) == 2
    assert len(set(sizes)) == 1


class TestTheScript:
    """Measures three things, and sends them with the vote alone."""

    @pytest.fixture
    def page(self, request: pytest.FixtureRequest, visits: Visits, server: Server) -> Page:
        page = visits.open()
        name = "".join(letter for letter in request.node.name if letter.isalnum())
        return new_voter(page, server, name[:40].lower())

    def vote(self, page: Page) -> dict[str, str]:
        """Vote, and return what was sent."""
        with page.expect_request("**/ballot") as sent, page.expect_navigation(url="**/receipt/**"):
            press(page, "for")
        fields = sent.value.post_data_json
        assert fields
        return dict(fields)

    def test_tells_seconds_with_the_page_visible(self, page: Page, cause: str) -> None:
        page.clock.install()
        page.goto(f"{cause}briefing/")
        page.clock.fast_forward(5_000)
        hide(page, hidden=True)
        page.clock.fast_forward(60_000)
        hide(page, hidden=False)
        page.clock.fast_forward(2_000)
        assert 7 <= int(self.vote(page)["seconds"]) <= 20

    def test_tells_what_was_chosen_in_the_self_check(self, page: Page, cause: str) -> None:
        page.goto(f"{cause}briefing/")
        page.get_by_text("Check yourself first, if you like").click()
        option = page.get_by_role("group", name="Who decides this?").get_by_role("radio").nth(1)
        option.check()
        sent = self.vote(page)
        assert {name: sent[name] for name in sent if name.startswith("q")} == {"q1": "1"}

    def test_tells_that_a_source_was_opened(self, page: Page, cause: str) -> None:
        page.goto(f"{cause}briefing/")
        link = page.locator("[data-sources] a").first
        link.evaluate("it => it.addEventListener('click', event => event.preventDefault())")
        link.click()
        assert self.vote(page)["source"] == "1"

    def test_says_nothing_of_what_did_not_happen(self, page: Page, cause: str) -> None:
        page.goto(f"{cause}briefing/")
        sent = self.vote(page)
        assert {"source", "q1", "q2", "q3"} & sent.keys() == set()

    def test_sends_nothing_before_the_vote(self, page: Page, cause: str) -> None:
        page.goto(f"{cause}briefing/")
        page.wait_for_load_state("networkidle")
        asked: list[Request] = []
        page.on("request", lambda request: asked.append(request))  # noqa: PLW0108  no built-in
        page.mouse.wheel(0, 2_000)
        hide(page, hidden=True)
        hide(page, hidden=False)
        page.get_by_role("radio", name="For", exact=True).check()
        assert asked == []

    def test_the_cause_page_sends_none_of_it(self, page: Page, cause: str) -> None:
        page.goto(cause)
        assert {"seconds", "both", "source"} & self.vote(page).keys() == set()


def hide(page: Page, *, hidden: bool) -> None:
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_a_count_seen_by_a_stranger_is_remembered_for_this_cause_alone(
    visits: Visits, cause: str
) -> None:
    page = visits.open(f"{cause}?count=1")
    page.wait_for_function("document.cookie.includes('stimme_count=')")
    page.goto("/causes/")
    assert "stimme_count" not in page.evaluate("document.cookie")
    page.goto(f"{cause}briefing/")
    assert "stimme_count" in page.evaluate("document.cookie")
