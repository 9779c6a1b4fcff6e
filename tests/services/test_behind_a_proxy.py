"""The examples of docs/operate in front of a real instance: nginx in both layouts, and Caddy."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from stimme.engines.translog import Checkpoint, split_note
from stimme.engines.translog.resources import bundle_path, tile_path
from tests.proxies import Behind, Proxy, caddy, free_ports, nginx, running

# A language for each: what somebody followed before, in the same one, is told again at first.
LANGUAGES = {"nginx.conf": "de", "nginx-storm.conf": "fr", "Caddyfile": "it"}
EXAMPLES = {"nginx.conf": nginx, "nginx-storm.conf": nginx, "Caddyfile": caddy}
STRANGER = "203.0.113.5"  # an address that a visitor only pretends to have
TIMEOUT = 30.0


@dataclass(frozen=True)
class Site:
    """An instance behind a proxy, as visitors reach it."""

    behind: Behind
    proxy: Proxy

    @property
    def url(self) -> str:
        return f"https://localhost:{self.behind.port}"

    def visitor(self, address: str = "127.0.0.1") -> httpx.Client:
        """A browser without JavaScript, which reads English, at this address."""
        return httpx.Client(
            base_url=self.url,
            # Cookies and forms are of this site alone: Django asks where a form came from.
            headers={"Accept-Language": "en", "Origin": self.url},
            transport=httpx.HTTPTransport(verify=self.proxy.trust, local_address=address),
            timeout=TIMEOUT,
        )


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    """A demo, seeded once and served as behind a proxy; of one network one signs in a minute."""
    home = tmp_path_factory.mktemp("instance")
    port, plain, door = free_ports(3)
    behind = Behind(port, plain, door, home, home / "pages")
    environment = _environment(behind)
    program = [sys.executable, "-m", "stimme"]
    with (home / "log of the start").open("wb") as output:
        subprocess.run(
            [*program, "demo", "--prepare-only"],
            env=environment,
            stdout=output,
            stderr=output,
            check=True,
        )
    serve = ["serve", "--port", str(door), "--socket", str(behind.pages)]
    with running([*program, *serve], door, home / "messages", environment):
        yield behind


def _environment(behind: Behind) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STIMME_")}
    return kept | {
        "STIMME_DEMO": "1",
        "STIMME_HOME": str(behind.home),
        "STIMME_LANGUAGE": "en",
        "STIMME_PROXIES": "1",
        "STIMME_SIGN_INS_PER_MINUTE": "1",
        "STIMME_URL": f"https://localhost:{behind.port}",
    }


@pytest.fixture(scope="module", params=EXAMPLES)
def site(
    request: pytest.FixtureRequest, behind: Behind, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with EXAMPLES[request.param](request.param, behind, tmp_path_factory.mktemp("proxy")) as proxy:
        yield Site(behind, proxy)


@pytest.fixture
def anonymous(site: Site) -> Iterator[httpx.Client]:
    with site.visitor() as client:
        yield client


@pytest.fixture
def voter(site: Site) -> Iterator[httpx.Client]:
    with site.visitor() as client:
        token = hidden(client.get("/demo/").text, "csrfmiddlewaretoken")
        answer = client.post("/demo/", data={"csrfmiddlewaretoken": token, "role": "voter"})
        assert (answer.status_code, answer.headers["location"]) == (302, "/")
        yield client


@pytest.fixture
def cause(anonymous: httpx.Client) -> str:
    """The address of an open cause."""
    page = anonymous.get("/causes/?q=boathouse+beginners").text
    found = re.search(r'<article class="cause.*?href="(/causes/[^"]+)"', page, re.DOTALL)
    assert found
    return found[1]


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, f"no {name} in the page"
    return found[1]


def cast(voter: httpx.Client, cause: str, choice: str) -> httpx.Response:
    ballot = {"paper": hidden(voter.get(cause).text, "paper"), "choice": choice}
    return voter.post("/ballot", data=ballot)


def test_a_vote_counts_and_has_its_receipt(voter: httpx.Client, cause: str) -> None:
    answer = cast(voter, cause, "against")
    assert answer.status_code == 303
    receipt = voter.get(answer.headers["location"])
    assert receipt.status_code == 200
    assert "You voted against" in " ".join(receipt.text.split())


def test_the_live_tally_arrives_while_it_happens(
    request: pytest.FixtureRequest, site: Site, voter: httpx.Client, cause: str
) -> None:
    cast(voter, cause, "against")
    page = voter.get(cause).text
    found = re.search(r'"(/tally/[\w-]+)/?(?:live)?"', page)
    assert found
    language = {"Accept-Language": LANGUAGES[request.node.callspec.params["site"]]}
    live = f"{found[1]}/live"
    with site.visitor() as reader, reader.stream("GET", live, headers=language) as stream:
        events = stream.iter_text()
        before = _event(events)
        cast(voter, cause, "for")
        assert _event(events) != before
        assert stream.headers["content-type"] == "text/event-stream"


def _event(pieces: Iterator[str]) -> str:
    text = ""
    while not text.endswith("\n\n"):
        text += next(pieces)
    assert text.startswith("event: tally\n")
    return text


def test_who_is_signed_in_gets_a_page_of_their_own(
    voter: httpx.Client, anonymous: httpx.Client, cause: str
) -> None:
    own, public = voter.get(cause), anonymous.get(cause)
    assert own.headers["cache-control"].endswith("private")
    assert "public" in public.headers["cache-control"]
    assert 'name="paper"' in own.text
    assert 'name="paper"' not in public.text


def test_plain_http_leads_to_https(site: Site) -> None:
    answer = httpx.get(f"http://localhost:{site.behind.plain}/causes/?q=a")
    assert answer.status_code in {301, 308}
    assert answer.headers["location"] == "https://localhost/causes/?q=a"


def test_a_redirect_of_the_pages_stays_on_the_site(anonymous: httpx.Client) -> None:
    answer = anonymous.get("/votes/")
    assert answer.headers["location"].startswith("/account/sign-in/")


def test_pages_know_that_they_came_by_tls(anonymous: httpx.Client) -> None:
    answer = anonymous.get("/account/sign-in/")
    assert "Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


@pytest.fixture
def asks_to_sign_in(request: pytest.FixtureRequest, site: Site) -> Callable[..., int]:
    """Asks for a code from an address, and gives the status: 302 once a minute, else 200."""
    network = list(EXAMPLES).index(request.node.callspec.params["site"]) + 1

    def ask(host: int, **headers: str) -> int:
        with site.visitor(f"127.0.{network}.{host}") as client:
            page = client.get("/account/sign-in/").text
            form = {
                "login": f"{network}-{host}@example.org",
                "csrfmiddlewaretoken": hidden(page, "csrfmiddlewaretoken"),
            }
            return client.post("/account/sign-in/", data=form, headers=headers).status_code

    return ask


def test_the_pages_hear_where_a_visitor_really_is(asks_to_sign_in: Callable[..., int]) -> None:
    assert [asks_to_sign_in(2), asks_to_sign_in(2), asks_to_sign_in(3)] == [302, 200, 302]


def test_an_address_that_a_visitor_pretends_to_have_is_not_believed(
    asks_to_sign_in: Callable[..., int],
) -> None:
    assert asks_to_sign_in(4) == 302
    assert asks_to_sign_in(4, **{"X-Forwarded-For": STRANGER}) == 200
    assert asks_to_sign_in(4, X_Forwarded_For=STRANGER) == 200
    assert asks_to_sign_in(4, **{"X-Real-IP": STRANGER}) == 200
    assert asks_to_sign_in(4, Forwarded=f"for={STRANGER}") == 200


def test_large_bodies_are_refused(voter: httpx.Client) -> None:
    assert voter.post("/account/", content=b"x" * 300_000).status_code == 413
    assert voter.post("/ballot", content=b"x" * 5_000).status_code == 413


def test_browsers_are_offered_http_2(site: Site) -> None:
    site.proxy.trust.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", site.behind.port)) as plain,
        site.proxy.trust.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        chosen = connection.selected_alpn_protocol()
    site.proxy.trust.set_alpn_protocols(["http/1.1"])
    assert chosen == "h2"


def test_static_files_arrive_whole_and_for_ever(site: Site, anonymous: httpx.Client) -> None:
    found = re.search(r'"/static/(stimme/[^"]+\.css)"', anonymous.get("/").text)
    assert found
    answer = anonymous.get(f"/static/{found[1]}")
    assert answer.content == (site.behind.home / "static" / found[1]).read_bytes()
    headers = answer.headers
    told = headers["content-encoding"], headers["content-type"], headers["x-content-type-options"]
    assert told[0] == "gzip"
    assert told[1].startswith("text/css")
    assert told[2] == "nosniff"
    assert set(headers["cache-control"].split(", ")) == {"max-age=315360000", "public", "immutable"}


def test_the_log_is_served_as_it_lies_there(site: Site, anonymous: httpx.Client) -> None:
    note = anonymous.get("/log/checkpoint").text
    width = min(256, Checkpoint.parse(split_note(note)[0]).size)
    for path in (tile_path(0, 0, width), bundle_path(0, width)):
        answer = anonymous.get(f"/log/{path}")
        assert answer.content == (site.behind.home / "log" / path).read_bytes()
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path",
    [
        "/log/.lock",
        "/log/tile/0/.new-part",
        "/log/tile/0/",
        "/static/",
        "/static/../keys/log",
        "/static/%2e%2e/keys/log",
        "/static../keys/log",
        "/log/tile/0/%2e%2e/%2e%2e/%2e%2e/keys/log",
        "/log/tile/entries/../../../keys/log",
    ],
)
def test_nothing_else_of_the_home_is_served(site: Site, anonymous: httpx.Client, path: str) -> None:
    (site.behind.home / "log" / "tile" / "0" / ".new-part").touch()
    assert _status_of(site, path) in {400, 403, 404}


def _status_of(site: Site, path: str) -> int:
    """Ask for a path as it is: a client would take the dots out of it."""
    with (
        socket.create_connection(("127.0.0.1", site.behind.port)) as plain,
        site.proxy.trust.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        return int(connection.recv(12).split()[1])


def test_the_proxy_keeps_nothing_of_visitors(site: Site, voter: httpx.Client, cause: str) -> None:
    voter.get(f"{cause}?visit=1")
    voter.get("/no-such-page?visit=1")
    voter.post("/account/", params={"visit": "1"}, content=b"x" * 300_000)
    written = b"".join(
        file.read_bytes() for file in Path(site.proxy.folder).rglob("*") if file.is_file()
    )
    assert [word for word in (b"visit=1", b"no-such-page", cause.encode()) if word in written] == []
