"""Every page of the site is for everybody: each kind of page, as each sort of person sees it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.conftest import DESKTOP, PHONE, Server, Visits, violations
from tests.browser.exploring import ROLES, Found, explore, named_routes, resolver

LANGUAGES = ("de", "fr", "it", "en")
ZOOMED: ViewportSize = {"width": 640, "height": 450}  # a desktop at 200 %
Light = Literal["light", "dark"]
# Structure is the same in both lights; what a menu hides, and colours, are not.
JUDGED: list[tuple[ViewportSize, Light, tuple[str, ...]]] = [
    (PHONE, "light", ()),
    (PHONE, "dark", ("color-contrast",)),
    (DESKTOP, "dark", ()),
    (DESKTOP, "light", ("color-contrast",)),
]
# Of these more than one page each is looked at: no two look the same.
EXTRA = {
    ("visitor", "causes/<slug:slug>/"): 15,
    ("visitor", "causes/"): 4,
    ("visitor", "log/find/"): 3,
    ("voter", ""): 1,
    ("voter", "causes/<slug:slug>/"): 4,
    ("voter", "receipt/<cid:cid>/"): 3,
    ("author", "causes/<slug:slug>/"): 1,
    ("staff", "causes/<slug:slug>/"): 1,
    ("staff", "staff/MODEL/"): 6,
    ("staff", "staff/MODEL/<path:object_id>/change/"): 3,
}
# Nobody may add or delete there, and nothing there asks for these.
OF_DJANGO = re.compile(r"^staff/(\w+/\w+/(add|.+/delete)/|logout/|autocomplete/|jsi18n/|r/<.*)$")
NO_PAGES = {
    "ballot": "only takes votes",
    "receipt/<cid:cid>/rekey": "only takes a new key",
    "votes/<cid:cid>/link": "only makes a link",
    "by/<link:code>": "leads to a cause",
    "rooms/<room:code>/join/": "only makes a member",
    "rooms/<room:code>/vote/": "only takes votes of members",
    "rooms/<room:code>/stage/": "tells a page whether to read itself again",
    "rooms/<room:code>/presence/": "a part of pages, or nothing",
    "reasons/<slug:slug>/<int:number>/mark/": "only takes a mark",
    "moderation/reports/<int:pk>/dismiss/": "only takes a press",
    "witness/add-checkpoint": "only takes checkpoints of other logs",
    "language/": "only takes a choice",
    "robots.txt": "for robots",
    "tally/<cid:cid>": "a part of pages",
    "tally/<cid:cid>/live": "a stream, or nothing",
    "account/sign-in/passkey/": "only takes a passkey's answer, or gives its question as JSON",
    "votes/notices/feed": "only takes a press",
    "votes/notices/off/<str:token>/": "linked from mails alone: test_notices.py opens it",
    "staff/login/": "leads to the one way to sign in",
}


@pytest.fixture(scope="module")
def site(browser: Browser, server: Server) -> dict[str, Found]:
    visits = Visits(browser, server.url)
    found = {role: explore(visits, server, role) for role in ROLES}
    visits.close()
    assert visits.problems == []
    return found


def test_no_page_is_left_out(site: dict[str, Found]) -> None:
    found = set().union(*(one.routes for one in site.values()))
    missing = {route for route in named_routes(resolver()) if route not in found}
    assert {route for route in missing if not OF_DJANGO.match(route)} == set(NO_PAGES)


def test_no_link_leads_nowhere(site: dict[str, Found]) -> None:
    """The only page that says no is that of a hidden cause, which tells why."""
    refused = [address for one in site.values() for address in one.refused.items()]
    assert len(set(refused)) == 1, refused
    assert refused[0][1] == 403


@dataclass
class Critic:
    """Opens pages as one person and notes what is wrong with them."""

    page: Page
    site: str
    notes: list[str] = field(default_factory=list)

    def open(self, address: str, language: str) -> None:
        """Read the page in `language` on a phone."""
        self.page.context.add_cookies(
            [{"name": "stimme_language", "value": language, "url": self.site}]
        )
        self.page.goto(address)
        spoken = self.page.locator("html").get_attribute("lang")
        if spoken != language:
            self.notes.append(f"{address} speaks {spoken}, not {language}")
        self.look(address, PHONE, "light")

    def look(self, address: str, screen: ViewportSize, light: Light) -> None:
        self.page.set_viewport_size(screen)
        self.page.emulate_media(color_scheme=light)
        if not self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            self.notes.append(f"{address} is too wide for {screen['width']} px")

    def judge(self, address: str) -> None:
        """Hold the open page to the rules on both screens, in both lights."""
        self.look(address, ZOOMED, "light")
        for screen, light, rules in JUDGED:
            self.look(address, screen, light)
            if report := violations(self.page, *rules):
                self.notes.append(f"{address} ({screen['width']} px, {light}): {report}")


def worth_a_look(site: dict[str, Found], role: str) -> Iterator[tuple[str, bool]]:
    """Addresses, and whether it is the first page of its kind that anybody sees."""
    known = {kind for other in ROLES[: ROLES.index(role)] for kind in site[other].pages.values()}
    seen = Counter[str]()
    for address, kind in site[role].pages.items():
        is_new = kind not in known
        known.add(kind)
        seen[kind] += 1
        if is_new or seen[kind] <= EXTRA.get((role, kind), 0):
            yield address, is_new


@pytest.mark.parametrize("role", ROLES)
def test_each_kind_of_page_breaks_no_rule(
    visits: Visits, site: dict[str, Found], role: str
) -> None:
    """A new kind in every language and light and on every screen; others of it in turn."""
    page = visits.open(state=site[role].state, tolerate=("status of 403", "status of 404"))
    critic, languages = Critic(page, visits.base_url), cycle(LANGUAGES)
    for address, is_new in worth_a_look(site, role):
        for _ in LANGUAGES if is_new else LANGUAGES[:1]:
            critic.open(address, next(languages))
        next(languages)
        if is_new:
            critic.judge(address)
        elif report := violations(page):
            critic.notes.append(f"{address}: {report}")
    if critic.notes:
        pytest.fail("\n".join(critic.notes), pytrace=False)
