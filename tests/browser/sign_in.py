"""Signing in as people do: with a code from the mail, or with one press in the demo.

Each waits for the answer: to go elsewhere before it has come can take the request back.
"""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Server

SIGN_IN = "/account/sign-in/"
CODE = re.compile(r"^(\d{4}-\d{4})\r?$", re.MULTILINE)


def sign_in_by_code(page: Page, server: Server, email: str, start: str | None = SIGN_IN) -> None:
    """Sign in on the page `start`, or on the one that is open. An unknown address signs up."""
    if start:
        page.goto(start)
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()
    # The mail was printed before the page that asks for its code was sent.
    page.get_by_label("Code").fill(CODE.findall(server.log.read_text(errors="replace"))[-1])
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name="Sign in").click()


def sign_in_as(page: Page, role: str) -> None:
    """Sign in to the demo as its voter, author or staff member; ends at home."""
    page.goto("/demo/")
    with page.expect_navigation():
        page.locator(f"button[name=role][value={role}]").click()


def sign_out(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name="Sign out").click()
