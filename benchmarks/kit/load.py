"""A small load generator: many connections, one thread, nothing but the standard library.

Measured against a server that does nothing it spends less than 30 µs of CPU a request,
kernel included, so on two cores it leaves the server nearly all there is.
"""

import heapq
import re
import select
import socket
import ssl
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from random import random

from .statistics import percentile

# What one connection says: yields a request, is sent the whole answer to it. Or yields seconds
# to wait, and is sent nothing.
Talk = Generator[bytes | float, bytes, None]
# (host, port) of loopback.
Address = tuple[str, int]

_BUFFER = 1 << 18
_BUSY = 503
_RETRY_AFTER = re.compile(rb"(?i)\r\nretry-after: *(\d+)\r\n")
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


def insist(requests: Iterable[bytes], keep: Callable[[bytes], object]) -> Talk:
    """The same, but who is turned away comes again when told to, and up to a second later.

    So does the script of our page.
    """
    for one in requests:
        answer = yield one
        while status_of(answer) == _BUSY:
            yield float(_RETRY_AFTER.findall(answer)[0]) + random()  # noqa: S311  nothing secret
            answer = yield one
        keep(answer)


@dataclass(slots=True, eq=False)
class _Client:
    """One connection; `since` is when its present request was due."""

    talk: Talk
    socket: socket.socket
    since: float
    part: bytes = b""
    here: bool = True


def run(
    address: Address,
    talks: Sequence[Talk],
    *,
    seconds: float = 60.0,
    at: Sequence[float] | None = None,
    warm_up: float = 0.0,
    tls: bool = False,
) -> Load:
    """Let every talk have a connection of its own, and return what came of it.

    The load of the first `warm_up` seconds is not counted: what follows is a storm that lasts.

    Without `at` all connections stand before the clock starts. With it, talk number i begins
    at second `at[i]` (ascending) with connecting, and its first latency counts from then: a
    server that lets people wait at the door gains nothing by it (not with TLS). After
    `seconds`, counted from the warm-up, nothing new is asked.
    """
    return _Run(address, seconds, warm_up, tls=tls).all(talks, at)


class _Run:
    def __init__(self, address: Address, seconds: float, warm_up: float, *, tls: bool) -> None:
        self.address = address
        self.seconds = seconds
        self.warm_up = warm_up
        self.tls = _anybody() if tls else None
        self.load = Load()
        self.poll = select.epoll()
        self.clients: dict[int, _Client] = {}
        # When to wake whom; the number only keeps the heap from comparing clients.
        self.waiting: list[tuple[float, int, _Client]] = []
        self.turns = count()
        self.start = self.deadline = 0.0

    def all(self, talks: Sequence[Talk], at: Sequence[float] | None) -> Load:
        ready = [] if at else [(talk, self._connected()) for talk in talks]
        cpu, start = time.process_time(), time.perf_counter()
        self.start = start + self.warm_up
        self.deadline = self.start + self.seconds
        for talk, connection in ready:
            self._begin(self._add(talk, connection, start, select.EPOLLIN))
        due = [(start + one, talk) for one, talk in zip(at, talks, strict=True)] if at else []
        due.reverse()
        self._turn(due)
        self.load.seconds = time.perf_counter() - self.start
        self.load.cpu = time.process_time() - cpu
        self._leave()
        return self.load

    def _connected(self) -> socket.socket:
        connection = socket.create_connection(self.address)
        if self.tls:
            connection = self.tls.wrap_socket(connection)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(0)
        return connection

    def _add(self, talk: Talk, connection: socket.socket, since: float, event: int) -> _Client:
        client = self.clients[connection.fileno()] = _Client(talk, connection, since)
        self.poll.register(connection, event)
        return client

    def _arrive(self, talk: Talk, since: float) -> None:
        """Connect without waiting: the first request goes out once the server took us."""
        connection = socket.socket()
        connection.settimeout(0)
        connection.connect_ex(self.address)
        self._add(talk, connection, since, select.EPOLLOUT)

    def _begin(self, client: _Client) -> None:
        asks = next(client.talk, None)
        if asks is None:
            self._drop(client)
        else:
            self._say(client, asks)

    def _turn(self, due: list[tuple[float, Talk]]) -> None:
        """Until everybody was answered. `due` ends with who comes first."""
        while self.clients or due:
            now = time.perf_counter()
            while due and due[-1][0] <= now:
                since, talk = due.pop()
                self._arrive(talk, since)
            while self.waiting and self.waiting[0][0] <= now:
                self._wake(heapq.heappop(self.waiting)[2], now)
            next_at = min([now + 1, *(one[0] for one in due[-1:] + self.waiting[:1])])
            self._listen(max(0.0, next_at - now))
            if now > self.deadline + _PATIENCE:
                self.load.errors["without an answer"] += len(self.clients)
                return

    def _listen(self, wait: float) -> None:
        for number, event in self.poll.poll(wait):
            client = self.clients[number]
            try:
                if event & select.EPOLLOUT:
                    self.poll.modify(number, select.EPOLLIN)
                    self._begin(client)
                else:
                    self._hear(client)
            except (BlockingIOError, ssl.SSLWantReadError):
                continue
            except OSError as error:
                self._lose(client, type(error).__name__)

    def _hear(self, client: _Client) -> None:
        data = client.socket.recv(_BUFFER)
        if not data:
            self._lose(client, "closed by the server")
            return
        if client.part:
            data = client.part + data
        if not is_whole(data):
            client.part = data
            return
        client.part = b""
        now = time.perf_counter()
        if now >= self.start:
            self.load.latencies[int(data[9:12])].append(now - client.since)
        self._go_on(client, data, now)

    def _wake(self, client: _Client, now: float) -> None:
        if client.here:
            self._go_on(client, b"", now)

    def _go_on(self, client: _Client, answer: bytes, now: float) -> None:
        """Let the talk answer, unless it has nothing to say or the time is over."""
        client.since = now
        asks = _next(client.talk, answer)
        if asks is None or now > self.deadline:
            self._drop(client)
        else:
            self._say(client, asks)

    def _say(self, client: _Client, asks: bytes | float) -> None:
        if isinstance(asks, bytes):
            client.socket.send(asks)
        else:
            heapq.heappush(self.waiting, (client.since + asks, next(self.turns), client))

    def _lose(self, client: _Client, why: str) -> None:
        self.load.errors[why] += 1
        self._drop(client)

    def _drop(self, client: _Client) -> None:
        del self.clients[client.socket.fileno()]
        client.here = False
        client.socket.close()  # which also takes it out of the poll

    def _leave(self) -> None:
        for client in list(self.clients.values()):
            self._drop(client)
        self.poll.close()


def _next(talk: Talk, answer: bytes) -> bytes | float | None:
    try:
        return talk.send(answer)
    except StopIteration:
        return None


def _anybody() -> ssl.SSLContext:
    """A client that speaks TLS to whoever answers: the certificate here signs itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
