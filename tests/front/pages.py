"""Pages behind the door that do what a test says, and tell what they were asked."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from stimme.apps.ballot.door.busy import CHOICE, PAPER

PUBLIC = {"Cache-Control": "public, max-age=0, s-maxage=60", "Content-Type": "text/html"}


@dataclass(frozen=True)
class Asked:
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes = b""

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]


@dataclass
class Answer:
    """With the status 0 it is none: the connection closes."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def echo(asked: Asked) -> Answer:
    """Whoever asks is told what arrived."""
    told = {"method": asked.method, "target": asked.target, "length": len(asked.body)}
    return Answer(200, {"Content-Type": "application/json"}, json.dumps(told).encode())


@dataclass
class Pages:
    """`answers` by path; all others are echoed."""

    port: int
    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, Callable[[Asked], Answer]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        path = asked.target.partition("?")[0]
        return self.answers.get(path, echo)(asked)

    def forget(self) -> None:
        self.asked.clear()
        self.answers.clear()
        self.answers["/ballot/busy"] = lambda _: Answer(
            200, {"Content-Type": "text/html"}, f"<form>{PAPER} {CHOICE}</form>".encode()
        )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pages: ClassVar[Pages]

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(self.command, self.path, list(self.headers.items()), body)
        answer = self.pages.answer(asked)
        if not answer.status:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = _any  # noqa: N815  the names that the library looks for

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def serving(port: int, pages: Pages) -> Iterator[None]:
    handler = type("Handler", (_Handler,), {"pages": pages})
    with _Server(("127.0.0.1", port), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
