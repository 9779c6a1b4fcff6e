"""Real witnesses on loopback, made of the engine alone; they can be told to misbehave."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from stimme.engines.translog import (
    EMPTY_ROOT,
    AddCheckpoint,
    Answer,
    Cosigner,
    Verifier,
    decide,
    parse_request,
)

NOW = 1_800_000_000


class Witness:
    """Cosigns one log.

    `stored` is what it has seen; `lie`, given the request, replaces every good answer;
    `patience` holds answers back until it is set; `old_sizes` are those it was sent proofs from.
    """

    def __init__(self, log: Verifier, name: str = "witness.example") -> None:
        self.cosigner = Cosigner.from_seed(name, name.encode().ljust(32, b"w"))
        self.log = log
        self.stored = (0, EMPTY_ROOT)
        self.lie: Callable[[AddCheckpoint], Answer] | None = None
        self.patience = threading.Event()
        self.patience.set()
        self.old_sizes: list[int] = []
        self.url = ""

    def answer(self, body: bytes) -> Answer:
        request = parse_request(body)
        self.old_sizes.append(request.old_size)
        answer = decide(request, self.stored, [self.log], self.cosigner, NOW)
        self.patience.wait()
        if self.lie and answer.status == 200:
            return self.lie(request)
        if answer.new_state:
            self.stored = answer.new_state
        return answer


@contextmanager
def running(log: Verifier, name: str = "witness.example") -> Iterator[Witness]:
    witness = Witness(log, name)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = witness.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.end_headers()
            self.wfile.write(answer.body.encode())

        def log_message(self, *_arguments: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_arguments: object) -> None:
            """A log that did not wait for the answer is no error of the witness."""

    server = Server(("127.0.0.1", 0), Handler)
    witness.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield witness
    finally:
        witness.patience.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def dripping() -> Iterator[str]:
    """Give the address of a server that sends one byte of its answer, then nothing, for ever."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                connection.sendall(b"H")
                held.append(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in held:
                connection.close()


def policy_file(folder: Path, quorum: str, *witnesses: Witness) -> str:
    """Write a policy of these witnesses, named w0, w1, …; `quorum` are its last lines."""
    lines = [f"witness w{n} {one.cosigner.vkey} {one.url}\n" for n, one in enumerate(witnesses)]
    path = folder / "policy"
    path.write_text("".join([*lines, quorum, "\n"]))
    return str(path)
