"""A small load generator: many connections, one thread, nothing but the standard library.

Measured against a server that does nothing it spends less than 30 µs of CPU a request,
kernel included, so on two cores it leaves the server nearly all there is.
"""

import select
import socket
import ssl
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, cycle

from .statistics import percentile

# What one connection says: yields a request, is sent the whole answer to it.
Talk = Generator[bytes, bytes, None]
# (host, port) of loopback.
Address = tuple[str, int]

_BUFFER = 1 << 18
_PATIENCE = 30.0  # seconds that outstanding answers get after the last request


@dataclass(slots=True)
class Load:
    """What the server did with a load. Times are in seconds."""

    seconds: float = 0.0
    cpu: float = 0.0  # of the generator itself
    # Status -> how long each answer of that status took.
    latencies: defaultdict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    # Why a connection broke -> how often.
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def statuses(self) -> dict[int, int]:
        """Status -> number of answers, in ascending order."""
        return {status: len(self.latencies[status]) for status in sorted(self.latencies)}

    @property
    def answers(self) -> int:
        return sum(self.statuses.values())

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.answers / self.seconds if self.seconds else 0.0

    def milliseconds(self, percent: float, status: int | None = None) -> float:
        """Return a percentile of the latencies, of one status or of all; 100 is the longest."""
        chosen = self.latencies.values() if status is None else [self.latencies.get(status, [])]
        return 1000 * percentile(chain.from_iterable(chosen), percent)

    def __str__(self) -> str:
        told = ", ".join(f"{number} × {status}" for status, number in self.statuses.items())
        broken = "".join(f", {number} × {name}" for name, number in sorted(self.errors.items()))
        p50, p99, longest = (self.milliseconds(percent) for percent in (50, 99, 100))
        times = f"p50 {p50:.1f}, p99 {p99:.1f}, max {longest:.1f} ms"
        return f"{self.rate:,.0f}/s; {times}; {told or 'no answer'}{broken}"


def request(
    method: str, path: str, *, host: str, body: bytes = b"", headers: Iterable[str] = ()
) -> bytes:
    """Return the bytes of a request on a connection that is kept open."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *headers]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def status_of(answer: bytes) -> int:
    return int(answer[9:12])


def body_of(answer: bytes) -> bytes:
    """Return the body of a whole answer; chunks are joined."""
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" not in head.lower():
        return body
    parts = []
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        parts.append(body[:length])
        body = body[length + 2 :]
    return b"".join(parts)


def is_whole(data: bytes) -> bool:
    """Whether an answer has arrived to its end: by its length, or by its last chunk."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return False
    at = data.find(b"ontent-", 0, end)
    while at >= 0:
        if data[at + 7 : at + 14].lower() == b"length:":
            stop = data.index(b"\r\n", at)
            return len(data) >= end + 4 + int(data[at + 14 : stop])
        at = data.find(b"ontent-", at + 7, end)
    return data.endswith(b"0\r\n\r\n") if data[9:12] not in {b"204", b"304"} else True


def repeat(requests: Iterable[bytes], keep: Callable[[bytes], object] | None = None) -> Talk:
    """A connection that takes its next request from `requests`, which others may share.

    `keep` is given every answer.
    """
    for one in requests:
        answer = yield one
        if keep is not None:
            keep(answer)


@dataclass(slots=True, eq=False)
class _Client:
    """One connection; `since` is when its present request was due."""

    talk: Talk
    socket: socket.socket
    since: float
    asks: bytes = b""
    part: bytes = b""


def run(
    addresses: Sequence[Address],
    talks: Sequence[Talk],
    *,
    seconds: float = 60.0,
    at: Sequence[float] | None = None,
    tls: bool = False,
) -> Load:
    """Let every talk have a connection of its own, and return what came of it.

    The connections go to the addresses in turn. Without `at` all of them stand before the
    clock starts. With it, talk number i begins at second `at[i]` (ascending) with connecting,
    and its first latency counts from then: a server that lets people wait at the door gains
    nothing by it. After `seconds` nothing new is asked.
    """
    return _Run(addresses, seconds, tls=tls).all(talks, at)


class _Run:
    def __init__(self, addresses: Sequence[Address], seconds: float, *, tls: bool) -> None:
        self.addresses = cycle(addresses)
        self.seconds = seconds
        self.tls = _anybody() if tls else None
        self.load = Load()
        self.poll = select.epoll()
        self.clients: dict[int, _Client] = {}
        self.deadline = 0.0

    def all(self, talks: Sequence[Talk], at: Sequence[float] | None) -> Load:
        ready = [] if at else [(talk, self._connected()) for talk in talks]
        cpu, start = time.process_time(), time.perf_counter()
        self.deadline = start + self.seconds
        for talk, connection in ready:
            self._begin(talk, connection, start)
        due = [(start + one, talk) for one, talk in zip(at, talks, strict=True)] if at else []
        due.reverse()
        self._turn(due)
        self.load.seconds = time.perf_counter() - start
        self.load.cpu = time.process_time() - cpu
        self._leave()
        return self.load

    def _connected(self) -> socket.socket:
        connection = socket.create_connection(next(self.addresses))
        if self.tls:
            connection = self.tls.wrap_socket(connection)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(0)
        return connection

    def _begin(self, talk: Talk, connection: socket.socket, since: float) -> None:
        client = _Client(talk, connection, since)
        self.clients[connection.fileno()] = client
        self.poll.register(connection, select.EPOLLIN)
        connection.send(next(talk))

    def _arrive(self, talk: Talk, since: float) -> None:
        """Connect without waiting: the first request goes out once the server took us."""
        if self.tls:
            self._begin(talk, self._connected(), since)
            return
        connection = socket.socket()
        connection.settimeout(0)
        connection.connect_ex(next(self.addresses))
        self.clients[connection.fileno()] = _Client(talk, connection, since, asks=next(talk))
        self.poll.register(connection, select.EPOLLOUT)

    def _turn(self, due: list[tuple[float, Talk]]) -> None:
        """Until everybody was answered. `due` ends with who comes first."""
        while self.clients or due:
            now = time.perf_counter()
            while due and due[-1][0] <= now:
                since, talk = due.pop()
                self._arrive(talk, since)
            wait = max(0.0, due[-1][0] - now) if due else 1.0
            self._listen(min(wait, 1.0))
            if time.perf_counter() > self.deadline + _PATIENCE:
                self.load.errors["without an answer"] += len(self.clients)
                return

    def _listen(self, wait: float) -> None:
        for number, event in self.poll.poll(wait):
            client = self.clients[number]
            try:
                if event & select.EPOLLOUT:
                    self._ask_at_last(client)
                else:
                    self._hear(client, number)
            except (BlockingIOError, ssl.SSLWantReadError):
                continue
            except OSError as error:
                self._lose(number, type(error).__name__)

    def _ask_at_last(self, client: _Client) -> None:
        client.socket.send(client.asks)
        self.poll.modify(client.socket, select.EPOLLIN)

    def _hear(self, client: _Client, number: int) -> None:
        data = client.socket.recv(_BUFFER)
        if not data:
            self._lose(number, "closed by the server")
            return
        if client.part:
            data = client.part + data
        if not is_whole(data):
            client.part = data
            return
        client.part = b""
        now = time.perf_counter()
        self.load.latencies[int(data[9:12])].append(now - client.since)
        client.since = now
        self._go_on(client, number, data)

    def _go_on(self, client: _Client, number: int, answer: bytes) -> None:
        try:
            asks = client.talk.send(answer)
        except StopIteration:
            self._drop(number)
            return
        if client.since > self.deadline:
            self._drop(number)
        else:
            client.socket.send(asks)

    def _lose(self, number: int, why: str) -> None:
        self.load.errors[why] += 1
        self._drop(number)

    def _drop(self, number: int) -> None:
        client = self.clients.pop(number)
        self.poll.unregister(number)
        client.socket.close()

    def _leave(self) -> None:
        for number in list(self.clients):
            self._drop(number)
        self.poll.close()


def _anybody() -> ssl.SSLContext:
    """A client that speaks TLS to whoever answers: the certificate here signs itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
