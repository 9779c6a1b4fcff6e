"""The door never gives one visitor the session of another."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stimme.apps.ballot.door.upstream import Request, Upstream


@pytest.fixture
def pages() -> Iterator[ThreadingHTTPServer]:
    """Pages that sign everybody in, and say with which cookies they were asked."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.headers.get("Cookie", "").encode()
            self.send_response(200)
            self.send_header("Set-Cookie", "stimme_session=of-somebody; Path=/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """A test prints nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_cookie_that_one_visitor_got_goes_with_no_other_request(
    pages: ThreadingHTTPServer,
) -> None:
    async def visits() -> list[bytes]:
        upstream = Upstream(f"http://127.0.0.1:{pages.server_port}")
        own = Request("GET", "/", [("cookie", "stimme_session=of-charlie")])
        answers = [await upstream.fetch(one) for one in (Request("GET", "/", []), own, own)]
        answers.append(await upstream.fetch(Request("GET", "/", [])))
        await upstream.close()
        return [answer.body for answer in answers]

    own = b"stimme_session=of-charlie"
    assert asyncio.run(visits()) == [b"", own, own, b""]
