"""A real Chromium against a real `stimme serve` on a seeded demo.

Everything here lives for the folder only: while Playwright runs, its event loop would make
Django's ORM refuse to work in the other tests of the same process.
"""

import os
import random
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    StorageState,
    ViewportSize,
    sync_playwright,
)

from tests.needs import missing

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
HOW_TO_GET_ONE = (
    "no Chromium: apt install chromium, brew install --cask chromium, or set STIMME_CHROMIUM"
)
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)
LOOPBACK = {"localhost", "127.0.0.1"}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
START_SECONDS = 60


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def find_chromium() -> str | None:
    """The program to drive: STIMME_CHROMIUM, one on the PATH, or a macOS application."""
    if chosen := os.environ.get("STIMME_CHROMIUM"):
        return chosen
    on_path = filter(None, map(shutil.which, NAMES))
    return next(on_path, next((path for path in APPLICATIONS if Path(path).exists()), None))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    program = find_chromium()
    if program is None:
        missing(HOW_TO_GET_ONE)
    # Chromium's sandbox does not start as root, which CI is.
    arguments = [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=arguments)
        yield chromium
        chromium.close()


@dataclass(frozen=True)
class Server:
    """A running instance: its address without a slash at the end, its home, what it printed.

    Mails, and so the codes to sign in with, are printed.
    """

    url: str
    home: Path
    log: Path


@pytest.fixture(scope="package")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A demo of this worker alone, seeded, served and sealed as anybody would do it."""
    del browser  # without one, nothing needs to be served
    home, port = tmp_path_factory.mktemp("demo"), free_port()
    # localhost, not 127.0.0.1: passkeys are bound to a name.
    url, log = f"http://localhost:{port}", home / "server.log"
    environment = demo_environment(home, url)
    program = [sys.executable, "-m", "stimme"]
    with ExitStack() as stack, log.open("wb") as output:
        subprocess.run(
            [*program, "demo", "--prepare-only", "--port", str(port)],
            env=environment,
            stdout=output,
            stderr=output,
            check=True,
        )
        process = subprocess.Popen(
            [*program, "serve", "--host", "127.0.0.1", "--port", str(port)],
            env=environment,
            stdout=output,
            stderr=output,
        )
        stack.callback(process.wait, 20)
        stack.callback(process.terminate)
        wait_for(port, process, log)
        yield Server(url, home, log)


def demo_environment(home: Path, url: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STIMME_")}
    return kept | {
        "STIMME_DEMO": "1",
        "STIMME_HOME": str(home),
        "STIMME_LANGUAGE": "en",
        "STIMME_SEAL_INTERVAL": "1",
        "STIMME_SEAL_MIN_BATCH": "1",
        "STIMME_URL": url,
    }


def free_port() -> int:
    """A port that no connection takes at random before the server, still to be seeded, does."""
    while True:
        port = random.randrange(20_000, 30_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START_SECONDS * 10):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
            break
    pytest.fail(f"the server did not start:\n{log.read_text()[-4000:]}", pytrace=False)


@dataclass
class Visits:
    """Pages of one test, and what went wrong in them without anybody looking."""

    browser: Browser
    base_url: str
    problems: list[str] = field(default_factory=list)

    def open(
        self,
        path: str | None = None,
        *,
        javascript: bool = True,
        phone: bool = False,
        dark: bool = False,
        language: str = "en",
        tolerate: tuple[str, ...] = (),
        state: StorageState | None = None,
    ) -> Page:
        """A page of a new visitor, at `path` if given; with the cookies of `state`, if given.

        `tolerate` are parts of console messages that the test provokes, such as "status of 404".
        """
        context = self.browser.new_context(
            base_url=self.base_url,
            java_script_enabled=javascript,
            viewport=PHONE if phone else DESKTOP,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale=language,
            storage_state=state,
        )
        context.set_default_timeout(30_000)
        context.on("request", self._check_request)
        context.on("weberror", lambda error: self.problems.append(f"page error: {error.error}"))
        context.on(
            "console",
            lambda message: self._check_console(message, tolerate),
        )
        page = context.new_page()
        if path is not None:
            page.goto(path)
        return page

    def _check_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.hostname not in LOOPBACK:
            self.problems.append(f"request to {request.url}")

    def _check_console(self, message: ConsoleMessage, tolerate: tuple[str, ...]) -> None:
        if message.type in {"error", "warning"} and not any(
            part in message.text for part in tolerate
        ):
            where = message.page.url if message.page else "?"
            self.problems.append(f"console {message.type} at {where}: {message.text}")

    def close(self) -> None:
        for context in list(self.browser.contexts):
            context.close()


@pytest.fixture
def visits(browser: Browser, server: Server) -> Iterator[Visits]:
    """Opens pages; fails on console messages, page errors and requests beyond loopback."""
    visits = Visits(browser, server.url)
    yield visits
    visits.close()
    assert visits.problems == []


@pytest.fixture
def page(visits: Visits) -> Page:
    """A page of a desktop visitor with JavaScript, not yet anywhere."""
    return visits.open()


def violations(page: Page, *rules: str) -> str:
    """What axe says against the page by WCAG 2.2 AA, or by `rules` alone; empty if nothing.

    For pages opened with JavaScript only: axe itself is a script, and waits for ever without.
    """
    what = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": WCAG}
    # Without preload: axe would fetch the style sheets again, and set some of them inline.
    options = {"runOnly": what, "resultTypes": ["violations"], "preload": False}
    if page.evaluate("window.axe === undefined"):
        page.evaluate(AXE_SCRIPT)
    results = AxeResults(page.evaluate("options => axe.run(options)", options))
    return results.generate_report() if results.violations_count else ""


@pytest.fixture(scope="package")
def accessible() -> Callable[[Page], None]:
    """Fails with the rules that the page breaks."""

    def check(page: Page) -> None:
        assert violations(page) == ""

    return check
