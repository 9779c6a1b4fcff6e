"""A room on three phones and a projector, from the first vote to what really happened."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import PHONE, Visits, violations
from tests.browser.sign_in import sign_in_as

PROJECTOR: ViewportSize = {"width": 1920, "height": 1080}
FIRST = ("for", "for", "against")
SECOND = ("against", "for", "against")


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def look(page: Page, *, javascript: bool) -> None:
    """Hold the open page to the rules, in both lights."""
    fits(page)
    if javascript:
        assert violations(page) == ""
        page.emulate_media(color_scheme="dark")
        assert violations(page, "color-contrast") == ""
        page.emulate_media(color_scheme="light")


def press(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name=button, exact=True).click()


def open_room(projector: Page) -> str:
    """Open a room on a decided cause, show it to all, and return its code."""
    sign_in_as(projector, "author")
    projector.goto("/rooms/open/")
    with projector.expect_navigation():
        projector.get_by_role("main").get_by_role("button", name="Open the room").first.click()
    look(projector, javascript=False)
    with projector.expect_navigation():
        projector.get_by_role("link", name="Show it on the projector").click()
    return projector.locator(".room-code").inner_text()


def join(page: Page, code: str) -> Page:
    """Type the code as people do: in small letters, without the dash."""
    page.goto("/rooms/")
    fits(page)
    page.get_by_label("The code of the room").fill(code.lower().replace("-", " "))
    press(page, "To the room")
    press(page, "Join")
    return page


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_the_first_vote_to_what_really_happened(visits: Visits, *, javascript: bool) -> None:
    projector = visits.open(javascript=javascript)
    projector.set_viewport_size(PROJECTOR)
    code = open_room(projector)
    phones = [join(visits.open(javascript=javascript, phone=True), code) for _ in FIRST]

    def go_on(stage: str) -> None:
        press(projector, f"Go on: {stage}")
        look(projector, javascript=javascript)
        for phone in phones:
            if not javascript:
                with phone.expect_navigation():
                    phone.get_by_role("link", name="Has the room gone on?").click()
            expect(phone.locator(".kicker")).to_contain_text(stage)
        look(phones[0], javascript=javascript)

    def vote(choices: tuple[str, ...]) -> None:
        for phone, choice in zip(phones, choices, strict=True):
            press(phone, choice.capitalize())
            expect(phone.get_by_role("heading", name=f"You voted {choice} it")).to_be_visible()

    look(projector, javascript=javascript)
    look(phones[0], javascript=javascript)
    vote(FIRST)
    # The projector renews itself, with a script or without.
    presence = projector.locator("#presence")
    expect(presence).to_contain_text("3 have joined")
    expect(presence).to_contain_text("3 have voted")
    expect(projector.locator(".tally-numbers")).to_have_count(0)
    go_on("Briefing")
    expect(phones[0].get_by_role("heading", name="Who is affected, and how")).to_be_visible()
    go_on("Discussion")
    expect(projector.locator(".questions li")).to_have_count(3)
    go_on("Second vote")
    vote(SECOND)
    go_on("What happened")
    for page in [projector, *phones]:
        numbers = page.locator(".tally-numbers dd").all_inner_texts()
        assert numbers == ["2", "1", "1", "2"]
        expect(page.get_by_role("heading", name="What really happened")).to_be_visible()


def test_a_phone_follows_the_room_by_itself_and_sees_it_deleted(visits: Visits) -> None:
    projector = visits.open()
    code = open_room(projector)
    phone = join(visits.open(phone=True, tolerate=("status of 404",)), code)
    press(projector, "Go on: Briefing")
    expect(phone.locator(".kicker")).to_contain_text("Briefing")
    press(projector, "Back: First vote")
    expect(phone.locator(".kicker")).to_contain_text("First vote")
    projector.goto(f"/rooms/{code}/delete/")
    press(projector, "Delete it for good")
    expect(phone.get_by_text("There is no room with this code").first).to_be_visible()


def test_the_page_of_the_facilitator_works_on_a_phone(visits: Visits) -> None:
    page = visits.open(phone=True)
    page.set_viewport_size(PHONE)
    code = open_room(page)
    page.goto(f"/rooms/{code}/run/")
    look(page, javascript=True)
    press(page, "Close the room")
    expect(page.get_by_text("nobody can join or vote")).to_be_visible()
    press(page, "Open it again")
    expect(page.get_by_text("nobody can join or vote")).to_have_count(0)
    stranger = visits.open("/rooms/", phone=True)
    look(stranger, javascript=True)
    stranger.goto(f"/rooms/{code}/")
    look(stranger, javascript=True)
