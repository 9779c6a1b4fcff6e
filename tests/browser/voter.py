"""Somebody who votes in a browser that signs."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from playwright.sync_api import Page, StorageState, expect

from stimme.engines.translog import VoteLine
from tests.browser.conftest import Server, Visits
from tests.browser.sign_in import sign_in_by_code

KEPT = """async (account) => {
    const memory = await import("/static/stimme/js/memory.js");
    return (await memory.receiptsOf(account)).map(({ line }) => line);
}"""
WATCH = "#watch .notice"
CAUSES = 12  # of the newest open ones, on which one account votes, two for each test


def press(page: Page, choice: str, *, twice: bool = False) -> None:
    """Choose one of the two and confirm it, or withdraw: as the page that is open lets people."""
    button = page.locator("button[name=choice][value=withdrawn]")
    if choice != "withdrawn":
        page.get_by_role("radio", name=choice.capitalize(), exact=True).check()
        button = page.locator(".vote-confirm")
    button.dblclick() if twice else button.click()


@dataclass
class Voter:
    """A person's browser. It has no key yet, and the cause numbered `cause` not their vote.

    Nor has the next cause.
    """

    page: Page
    state: StorageState
    cause: int

    def elsewhere(self, visits: Visits, *tolerate: str, javascript: bool = True) -> "Voter":
        """Another browser of the same person."""
        page = visits.open(state=self.state, tolerate=tolerate, javascript=javascript)
        return Voter(page, self.state, self.cause)

    def open_cause(self, further: int = 0) -> None:
        self.page.goto("/causes/?show=open")
        with self.page.expect_navigation():
            self.page.locator(".cause h3 a").nth(self.cause + further).click()

    def press(self, choice: str) -> None:
        press(self.page, choice)

    def choose(self, choice: str) -> VoteLine:
        """Press a button, arrive at the receipt, and return the line that it shows."""
        with self.page.expect_navigation(url="**/receipt/**"):
            self.press(choice)
        return self.line()

    def line(self) -> VoteLine:
        return VoteLine.parse(self.page.locator("main p.log-line").last.inner_text())

    def told(self) -> str:
        """The heading of what the form says after a click that led nowhere."""
        heading = self.page.locator("[data-vote-said] .notice h2")
        expect(heading).not_to_have_text("This is what you sign")
        expect(heading).to_be_visible()
        return heading.inner_text()

    def watched(self) -> list[str]:
        """The headings of what the browser found when it held its receipts against the site."""
        expect(self.page.locator(WATCH).first).to_be_visible()
        return self.page.locator(f"{WATCH} h2").all_inner_texts()

    def wait_for_seal(self) -> None:
        """Reload the receipt until the log holds the line."""
        for _ in range(60):
            if self.page.locator(".stamp", has_text="sealed").is_visible():
                return
            with self.page.expect_response("**/log/checkpoint"):
                self.page.reload()
        expect(self.page.locator(".stamp")).to_have_text("sealed")

    def kept(self) -> list[str]:
        """The lines of the receipts that this browser keeps."""
        account = self.page.locator("[data-account]").first.get_attribute("data-account")
        lines: list[str] = self.page.evaluate(KEPT, account)
        return lines


Seats = Iterator[tuple[StorageState, int]]


def seats(visits: Visits, server: Server, name: str) -> Seats:
    """Signed-in people, and causes on which they have not voted; few sign in, for that is slow."""
    for number in count():
        page = visits.open()
        sign_in_by_code(page, server, f"{name}-{number}@example.org")
        state = page.context.storage_state()
        page.context.close()
        yield from ((state, cause) for cause in range(0, CAUSES, 2))
