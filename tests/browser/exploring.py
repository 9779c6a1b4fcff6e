"""The whole site as four people and a newcomer find it by following links."""

import html
import re
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import parse_qs, urldefrag, urljoin, urlsplit

from django.urls import Resolver404, ResolverMatch, URLPattern, URLResolver, include, path
from django.urls.resolvers import RegexPattern
from playwright.sync_api import Page, StorageState

from tests.browser.conftest import Server, Visits
from tests.browser.passkey import plug_in_authenticator
from tests.browser.sign_in import sign_in_as, sign_in_by_code

ROLES = ("visitor", "newcomer", "voter", "author", "staff")
# Pages that nothing links to: one comes by a typed address, a program, or by being refused.
UNLINKED = (
    "/account/inactive/",
    "/account/address/code/",
    "/account/passkeys/",
    "/account/sign-in/again/",
    "/ballot/busy",
    "/causes/start/preview/",
    "/log/tile/entries/000",
    "/log/find/?code=short",
    "/log/find/?code=AAAA-AAAA-AAAA-AAAA",
    "/nowhere/",
    "/staff/",
    "/styleguide/",
    "/witness/key",
)
ONLY = {"newcomer": ("/account/sign-in/code/",)}  # in all else a newcomer is a visitor
DRAFT = (
    {"Who should decide?": "Example Rowing Club"},
    {
        "Your demand, in one clear sentence": "Open the boathouse to beginners on Sundays",
        "What would change?": "Two boats are free for them.",
    },
    {"Who": "Members who train on Sundays", "How": "Two boats fewer are free for them."},
    {"What can be read there": "Bookings", "Address": "https://example.org/bookings"},
)
OF_A_MODEL = re.compile(r"^staff/\w+/\w+/")  # Django's, the same for every model
NOWHERE = "nowhere/"
LINK = re.compile(r'<a\s[^>]*?href="([^"]*)"')
ALIKE = 2  # links of one route and the same kinds of query that are followed
# Of these more, for each is in another state.
MANY: dict[tuple[str, ...], int] = {
    ("visitor", "causes/<slug:slug>/"): 40,
    ("visitor", "organisations/<slug:slug>/"): 12,
    ("staff", "causes/<slug:slug>/"): 10,
    ("voter", "causes/<slug:slug>/"): 6,
    ("voter", "receipt/<cid:cid>/"): 3,
}
TELLING = {"name", "verb", "kind"}  # parts of an address that make another page


@cache
def resolver() -> URLResolver:
    """The addresses of a demo; those of another instance are all among them."""
    from stimme.urls import urlpatterns
    from stimme.web.styleguide import styleguide

    demo: list[URLPattern | URLResolver] = [
        path("demo/", include("stimme.web.demo_urls")),
        path("styleguide/", styleguide, name="styleguide"),
    ]
    return URLResolver(RegexPattern(r"^/"), [*urlpatterns, *demo])


def named_routes(patterns: URLResolver, before: str = "") -> Iterator[str]:
    for one in patterns.url_patterns:
        if isinstance(one, URLResolver):
            yield from named_routes(one, before + str(one.pattern))
        elif one.name:
            yield before + str(one.pattern).removeprefix("^")


def match_of(address: str) -> ResolverMatch | None:
    with suppress(Resolver404):
        return resolver().resolve(urlsplit(address).path)
    return None


def route_of(address: str) -> str:
    match = match_of(address)
    return match.route.removeprefix("^/") if match else NOWHERE


def kind_of(address: str) -> str:
    """The page as a template is a page: its route, and what in the address makes it another."""
    match = match_of(address)
    kwargs = match.kwargs if match else {}
    telling = [str(value) for name, value in kwargs.items() if name in TELLING]
    return " ".join([OF_A_MODEL.sub("staff/MODEL/", route_of(address)), *telling])


@dataclass
class Found:
    """What one person found, in the order of finding: addresses of pages with their kind."""

    state: StorageState
    pages: dict[str, str] = field(default_factory=dict)
    routes: set[str] = field(default_factory=set)
    refused: dict[str, int] = field(default_factory=dict)


def explore(visits: Visits, server: Server, role: str) -> Found:
    """Become `role`, and follow every link from the home page on."""
    page = visits.open()
    PREPARE[role](page, server)
    found = Found(page.context.storage_state())
    begin = ONLY.get(role, ("/", *UNLINKED))
    queue, known, alike = deque(begin), set(begin), Counter[tuple[str, ...]]()
    while queue:
        links = _links(page, queue.popleft(), found)
        for link in links if role not in ONLY else []:
            sort = _sort_of(link)
            if link not in known and alike[sort] < MANY.get((role, *sort), ALIKE):
                alike[sort] += 1
                known.add(link)
                queue.append(link)
    return found


def _sort_of(link: str) -> tuple[str, ...]:
    route, query = route_of(link), urlsplit(link).query
    if route.startswith("staff/") and query:  # Django's filters can be combined without end
        return ("staff/",)
    return (route, *sorted(parse_qs(query)))


def _links(page: Page, address: str, found: Found) -> list[str]:
    """Read a page as the person would get it, and return its links to others of ours."""
    answer = page.request.get(address, max_redirects=0)
    if answer.status == 302:  # the person is led elsewhere: signed in already, or not yet
        return _own(answer.url, [answer.headers["location"]])
    is_page = answer.headers.get("content-type", "").startswith("text/html")
    if answer.status == 200:
        found.routes.add(route_of(address))
    elif address not in UNLINKED:
        found.refused[address] = answer.status
    if is_page:
        found.pages[address] = kind_of(address) if answer.status == 200 else str(answer.status)
    return _own(answer.url, LINK.findall(answer.text())) if is_page else []


def _own(base: str, links: list[str]) -> list[str]:
    """The links as addresses of this site, without those that lead to others."""
    site = urljoin(base, "/")
    absolute = [urldefrag(urljoin(base, html.unescape(link))).url for link in links]
    return ["/" + link.removeprefix(site) for link in absolute if link.startswith(site)]


def _ask_for_a_code(page: Page, _server: Server) -> None:
    page.goto("/account/sign-in/")
    page.get_by_label("Your e-mail address").fill("newcomer@example.org")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_role("heading", name="Enter the code").wait_for()


def _add_a_passkey_and_move(page: Page, server: Server) -> None:
    """Be where an address has been changed but not confirmed yet."""
    plug_in_authenticator(page)
    sign_in_by_code(page, server, "voter@demo.example")
    page.goto("/account/passkeys/add/")
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_text("The passkey is added.").wait_for()
    page.goto("/account/address/")
    page.get_by_label("New e-mail address").fill("voter-moves@demo.example")
    with page.expect_navigation(url="**/account/address/code/"):
        page.get_by_role("main").get_by_role("button").first.click()


def _draft_and_open_a_room(page: Page, _server: Server) -> None:
    sign_in_as(page, "author")
    page.goto("/rooms/open/")
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name="Open the room").first.click()
    page.goto("/causes/start/")
    for step in DRAFT:
        for label, text in step.items():
            page.get_by_label(label).first.fill(text)
        if "How" in step:
            page.get_by_label("Effect").first.select_option("loses")
        with page.expect_navigation():
            page.locator("button.button-primary[value=next]").click()


def _staff(page: Page, _server: Server) -> None:
    sign_in_as(page, "staff")


PREPARE = {
    "visitor": lambda _page, _server: None,
    "newcomer": _ask_for_a_code,
    "voter": _add_a_passkey_and_move,
    "author": _draft_and_open_a_room,
    "staff": _staff,
}
