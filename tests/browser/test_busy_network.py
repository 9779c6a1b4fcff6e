"""Signing in while many do from one network, with and without JavaScript.

On a server of its own, on which one person a minute signs in without more ado.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Server, Visits, demo_environment, free_port, wait_for
from tests.browser.sign_in import SIGN_IN

BUTTON = "Send me a code"
WAIT = "Wait for your turn"


@pytest.fixture(scope="module")
def busy_server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    del browser  # without one, nothing needs to be served
    home, port = tmp_path_factory.mktemp("busy"), free_port()
    url, log = f"http://localhost:{port}", home / "server.log"
    environment = demo_environment(home, url) | {"STIMME_SIGN_INS_PER_MINUTE": "1"}
    program = [sys.executable, "-m", "stimme", "serve", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(program, env=environment, stdout=output, stderr=output)
        try:
            wait_for(port, process, log)
            yield Server(url, home, log)
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture
def busy(browser: Browser, busy_server: Server) -> Iterator[Visits]:
    """Visits to the server, from which somebody signed in within this minute."""
    visits = Visits(browser, busy_server.url)
    for number in range(2):
        page = visits.open(SIGN_IN, javascript=False)
        ask(page, f"earlier{number}@example.org")
    yield visits
    visits.close()
    assert visits.problems == []


def ask(page: Page, email: str, button: str = BUTTON) -> None:
    page.get_by_label("Your e-mail address").fill(email)
    with page.expect_navigation():
        page.get_by_role("button", name=button).click()


def mails(log: Path) -> list[str]:
    return re.findall(r"^To: (.+?)\r?$", log.read_text(errors="replace"), re.MULTILINE)


def test_the_browser_calculates_by_itself(busy: Visits, busy_server: Server) -> None:
    page = busy.open(SIGN_IN)
    expect(page.get_by_role("button", name=WAIT)).to_be_hidden()
    ask(page, "quick@example.org")
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()
    assert mails(busy_server.log)[-1] == "quick@example.org"


def test_while_it_calculates_the_page_says_so(busy: Visits) -> None:
    page = busy.open()
    # A page whose calculation takes for ever.
    page.add_init_script("crypto.subtle.deriveBits = () => new Promise(() => {})")
    page.goto(SIGN_IN)
    page.get_by_label("Your e-mail address").fill("slow@example.org")
    page.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_role("status").filter(has_text="Your browser calculates")).to_be_visible()
    assert page.url.endswith(SIGN_IN)


def test_a_browser_that_cannot_calculate_offers_to_wait(busy: Visits) -> None:
    page = busy.open()
    page.add_init_script("crypto.subtle.deriveBits = () => Promise.reject(new Error('cannot'))")
    page.goto(SIGN_IN)
    expect(page.get_by_role("button", name=WAIT)).to_be_visible()


def test_without_javascript_one_waits_for_a_turn(busy: Visits, busy_server: Server) -> None:
    page = busy.open(SIGN_IN, javascript=False)
    ask(page, "patient@example.org", WAIT)
    expect(page.get_by_text(re.compile(r"Your turn comes in \d+ seconds\."))).to_be_visible()
    expect(page.get_by_label("Your e-mail address")).to_have_value("patient@example.org")
    assert "patient@example.org" not in mails(busy_server.log)


@pytest.mark.parametrize("phone", [True, False])
def test_the_page_is_for_everybody(
    busy: Visits, accessible: Callable[[Page], None], *, phone: bool
) -> None:
    page = busy.open(SIGN_IN, phone=phone)
    accessible(page)
    ask(page, "reader@example.org", BUTTON)
