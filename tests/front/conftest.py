"""A real door on loopback, in front of pages that do as they are told."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest

from stimme.apps.ballot import papers
from stimme.engines.translog import b64
from tests.crash.instances import Instance, Running, answers, free_port, make, running, until
from tests.front.pages import Pages, serving


@dataclass
class Door:
    """The door, its pages, and what visitors bring along."""

    instance: Instance
    pages: Pages
    process: Running
    client: httpx.Client = field(default_factory=httpx.Client)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.instance.port}"

    @property
    def cid(self) -> str:
        return self.instance.cids[0]

    def get(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        spelt = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(method, f"{self.url}{path}", headers=spelt)

    def ballot(self, choice: str = "for", session: str = "") -> "Ballot":
        session = session or secrets.token_hex(16)
        key, p = self.instance.paper_key, b64(secrets.token_bytes(16))
        paper = papers.issue(key, session, cid=self.cid, pseudonym=p, level=0)
        return Ballot(self, session, {"paper": paper, "choice": choice})


@dataclass
class Ballot:
    door: Door
    session: str
    fields: dict[str, str]

    @property
    def _headers(self) -> dict[str, str]:
        return {"Cookie": f"stimme_session={self.session}"}

    def as_form(self) -> httpx.Response:
        url = f"{self.door.url}/ballot"
        return self.door.client.post(url, data=self.fields, headers=self._headers)

    def as_json(self) -> httpx.Response:
        url = f"{self.door.url}/ballot"
        return self.door.client.post(url, json=self.fields, headers=self._headers)


@pytest.fixture(scope="session")
def _opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    instance, pages = make(tmp_path_factory.mktemp("door")), Pages(free_port())
    pages.forget()
    with serving(pages.port, pages):
        arguments = ["door", "--port", str(instance.port), "--pages", pages.url]
        with running(instance.start(*arguments)) as process:
            until(lambda: answers(instance.port), "the door is open")
            busy = "/ballot/busy"
            until(lambda: sum(one.target == busy for one in pages.asked) >= 4, "pages are ready")
            opened = Door(instance, pages, process)
            yield opened
            opened.client.close()


@pytest.fixture
def door(_opened: Door) -> Door:
    _opened.pages.forget()
    _opened.client.cookies.clear()
    return _opened
