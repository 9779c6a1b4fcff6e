"""Many open live tallies, and how soon all of them hear of a vote."""

import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .load import Address

_EVENT = b"event: tally"
_PATIENCE = 60.0
_OF_ONE_ADDRESS = 1000
_AT_ONCE = 200  # connections begun before the answers are looked at


class NotToldInTime(Exception):
    """The text says how many watchers heard nothing."""


@dataclass(slots=True)
class Watched:
    """Bytes of the door's memory, and seconds from the answer to a vote until all had heard."""

    memory: int = 0
    delays: list[float] = field(default_factory=list)


def watch(
    address: Address,
    asks: bytes,
    number: int,
    votes: Sequence[Callable[[], None]],
    memory: Callable[[], int],
) -> Watched:
    """Open so many connections by `asks`, then let the votes be cast one by one.

    `memory` is asked while all are open. Raises NotToldInTime.
    """
    crowd = _Crowd(address, asks)
    for first in range(0, number, _AT_ONCE):
        crowd.open(min(_AT_ONCE, number - first))
        crowd.wait()
    watched = Watched()
    for vote in votes:
        crowd.expect_all()
        vote()
        start = time.perf_counter()
        crowd.wait()
        watched.delays.append(time.perf_counter() - start)
    watched.memory = memory()
    crowd.close()
    return watched


class _Crowd:
    def __init__(self, address: Address, asks: bytes) -> None:
        self.address, self.asks = address, asks
        self.poll = select.epoll()
        self.sockets: dict[int, socket.socket] = {}
        self.waiting: set[int] = set()

    def open(self, number: int) -> None:
        for _ in range(number):
            # As in life they come from several addresses: the door lets one have 2,000 places.
            neighbour = f"127.0.0.{2 + len(self.sockets) // _OF_ONE_ADDRESS}"
            connection = socket.create_connection(self.address, source_address=(neighbour, 0))
            connection.sendall(self.asks)
            connection.settimeout(0)
            self.sockets[connection.fileno()] = connection
            self.poll.register(connection, select.EPOLLIN)
            self.waiting.add(connection.fileno())

    def expect_all(self) -> None:
        self.waiting = set(self.sockets)

    def wait(self) -> None:
        """Until everybody expected has heard of a tally."""
        deadline = time.monotonic() + _PATIENCE
        while self.waiting:
            for number, _ in self.poll.poll(1.0):
                if _EVENT in self.sockets[number].recv(1 << 16):
                    self.waiting.discard(number)
            if time.monotonic() > deadline:
                raise NotToldInTime(f"{len(self.waiting)} of {len(self.sockets)}")

    def close(self) -> None:
        for connection in self.sockets.values():
            connection.close()
        self.poll.close()
