"""Django's admin under our Content-Security-Policy."""

import pytest

from tests.browser.conftest import Visits
from tests.browser.sign_in import sign_in_as

PATHS = [
    "accounts/user/",
    "causes/cause/",
    "moderation/action/",
    "organisations/decision/",
    "organisations/officialresponse/",
    "organisations/organisation/",
]


@pytest.mark.parametrize("path", PATHS)
def test_its_console_stays_empty(visits: Visits, path: str) -> None:
    """The fixture fails on any message of the console and on any page error."""
    page = visits.open()
    sign_in_as(page, "staff")
    page.goto(f"/staff/{path}")
    first = page.locator("#result_list tbody th a").first
    if first.count():
        first.click()
    page.locator("#content h1").wait_for()
