"""What the check shows when it is done: for everybody, on every screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Server, Visits
from tests.browser.own_log import NOT_SERVED, House, serve, verdict


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("phone", [False, True])
def test_the_answer_of_the_check_breaks_no_rule(
    visits: Visits, server: Server, accessible: Callable[[Page], None], *, phone: bool
) -> None:
    house = House(server)
    page = visits.open(phone=phone, tolerate=NOT_SERVED)
    serve(page, house.log.files)
    page.goto("/verify/")
    page.fill("#id_text", house.proof().encode())
    page.click("#check button")
    assert verdict(page)[0] == "Your vote is in the public log"
    accessible(page)
    assert fits(page)
