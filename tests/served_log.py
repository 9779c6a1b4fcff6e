"""A small log on loopback that a test can change and audit."""

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from stimme import cli
from stimme.engines.translog import (
    CauseLine,
    Checkpoint,
    RollLine,
    Signer,
    VoteLine,
    append,
    b64,
    cause_id,
    document_hash,
    sign,
)

HOUR = "2027-03-01T13Z"
DOCUMENT = b'{"ask":"Bring back Product X","org":"Corner Shop"}'
CID = cause_id(DOCUMENT)
Answer = Callable[[SimpleHTTPRequestHandler], None]


def vote(number: int, choice: str = "for", seq: int = 0) -> str:
    return str(VoteLine(CID, b64(number.to_bytes(16, "big")), seq, choice, "0", HOUR))


LINES = [
    str(CauseLine(CID, document_hash(DOCUMENT), HOUR)),
    str(RollLine("0", 400, HOUR)),
    *(vote(number) for number in range(298)),
]


class Handler(SimpleHTTPRequestHandler):
    """Serves the folder, but for the paths that have an answer of their own."""

    def __init__(self, answers: dict[str, Answer], *args: object, **options: object) -> None:
        self.answers = answers
        super().__init__(*args, **options)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        answer = self.answers.get(self.path.removeprefix("/log/"))
        if answer:
            answer(self)
        else:
            super().do_GET()

    def log_message(self, *_: object) -> None:
        pass


@dataclass
class Log:
    """A log that a test can serve, change, and audit."""

    home: Path
    port: int
    capsys: pytest.CaptureFixture[str]
    answers: dict[str, Answer] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.home / "log"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def origin(self) -> str:
        return f"127.0.0.1:{self.port}/log"

    @property
    def signer(self) -> Signer:
        return Signer.from_seed(self.origin, bytes(32))

    @property
    def receipts(self) -> Signer:
        return Signer.from_seed(f"{self.origin}/receipt", bytes([1]) * 32)

    def publish(self, lines: Sequence[str], *, signer: Signer | None = None) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        made = append(self._nothing, 0, [line.encode() for line in lines])
        checkpoint = Checkpoint(self.origin, made.size, made.root)
        note = sign(checkpoint.encode(), [signer or self.signer])
        keys = f"{self.signer.vkey}\n{self.receipts.vkey}\n"
        files = {**made.resources, "checkpoint": note.encode(), "keys": keys.encode()}
        for path, content in files.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_bytes(content)

    def _nothing(self, path: str) -> bytes:
        raise FileNotFoundError(path)

    def keep(self, name: str, content: str) -> str:
        (self.home / name).write_text(content)
        return str(self.home / name)

    def kept_checkpoint(self) -> str:
        return self.keep("kept", (self.folder / "checkpoint").read_text())

    def edit(self, path: str, change: Callable[[bytes], bytes]) -> None:
        file = self.folder / path
        file.write_bytes(change(file.read_bytes()))

    def audit(self, *options: str, log: str = "") -> tuple[int, str]:
        """The exit status, and what was printed but for the head and the tables."""
        status = cli.run(["audit", log or self.url, *options])
        printed = self.capsys.readouterr()
        told = [line for line in printed.out.splitlines() if line.startswith(("Alarm", "No alarm"))]
        return status, "\n".join([*told, *printed.err.splitlines()])


@contextmanager
def serving(folder: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Log]:
    """Serve a log of LINES from a folder."""
    answers: dict[str, Answer] = {}
    handler = partial(Handler, answers, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        log = Log(folder, server.server_port, capsys, answers)
        log.publish(LINES)
        yield log
        server.shutdown()
        thread.join()
