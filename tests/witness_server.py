"""A real witness on loopback, made of the engine alone; it can be told to misbehave."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from stimme.engines.translog import (
    EMPTY_ROOT,
    Answer,
    Cosigner,
    Verifier,
    decide,
    parse_request,
)


class Witness:
    """Cosigns one log. `lie` replaces every good answer; `size` is what it has seen."""

    def __init__(self, log: Verifier) -> None:
        self.cosigner = Cosigner.from_seed("witness.example", b"w" * 32)
        self.log = log
        self.stored = (0, EMPTY_ROOT)
        self.lie: Answer | None = None
        self.requests = 0
        self.url = ""

    def answer(self, body: bytes) -> Answer:
        self.requests += 1
        answer = decide(parse_request(body), self.stored, [self.log], self.cosigner, 1_800_000_000)
        if answer.new_state:
            self.stored = answer.new_state
        return self.lie if self.lie and answer.status == 200 else answer

    @property
    def pair(self) -> str:
        return f"{self.cosigner.vkey} {self.url}"


@contextmanager
def running(log: Verifier) -> Iterator[Witness]:
    witness = Witness(log)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = witness.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.end_headers()
            self.wfile.write(answer.body.encode())

        def log_message(self, *_arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    witness.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield witness
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
