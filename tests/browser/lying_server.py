"""An operator who lies: a server in front of the real one that changes what it answers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
NO_CONTENT = 204


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    body: bytes
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def saying(self, old: str, new: str) -> "Answer":
        """The same answer with other words; the words must be there."""
        assert old.encode() in self.body, old
        return replace(self, body=self.body.replace(old.encode(), new.encode()))


Lie = Callable[[Asked, Callable[[], Answer]], Answer | None]


@dataclass
class Liar:
    """`lies` are tried in order: each may answer, ask the truth first, or leave it to the next.

    An answer of status 0 is none: the connection just ends.
    """

    url: str
    truth: str
    lies: list[Lie] = field(default_factory=list)
    heard: list[Asked] = field(default_factory=list)

    def answer(self, asked: Asked) -> Answer:
        self.heard.append(asked)
        for lie in self.lies:
            told = lie(asked, lambda: self.ask(asked))
            if told is not None:
                return told
        return self.ask(asked)

    def ask(self, asked: Asked) -> Answer:
        """What the real server says."""
        connection = HTTPConnection(urlsplit(self.truth).netloc, timeout=30)
        try:
            connection.request(asked.method, asked.path, asked.body or None, dict(asked.headers))
            found = connection.getresponse()
            kept = [one for one in found.getheaders() if one[0].lower() not in HOP_BY_HOP]
            return Answer(found.status, tuple(kept), found.read())
        finally:
            connection.close()


@contextmanager
def lying(truth: str) -> Iterator[Liar]:
    """A liar in front of the server at `truth`; it listens on a loopback port of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    liar = Liar(f"http://localhost:{server.server_port}", truth)
    server.RequestHandlerClass = handler_of(liar)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield liar
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def handler_of(liar: Liar) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._respond(Answer(NO_CONTENT) if self.path.endswith("/live") else self._told())

        def do_POST(self) -> None:
            self.do_GET()

        def _told(self) -> Answer:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kept = [one for one in self.headers.items() if one[0].lower() not in HOP_BY_HOP]
            headers = dict(kept) | {"Accept-Encoding": "identity"}
            return liar.answer(Asked(self.command, self.path, body, tuple(headers.items())))

        def _respond(self, answer: Answer) -> None:
            if not answer.status:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            if answer.status != NO_CONTENT:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """A test prints nothing."""

    return Handler
