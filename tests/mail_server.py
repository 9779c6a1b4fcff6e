"""A real mail server on loopback that keeps what it has said yes to, and fails as it is told."""

import asyncio
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from email.policy import default
from urllib.parse import urlsplit

from aiosmtpd.smtp import SMTP, Envelope, Session

OK = "250 OK"
HANG_UP = ""
# What it answers to one address, or HANG_UP; the default is yes.
Mood = Callable[[str], str]


class Mailbox:
    """Answers as its moods say; a mail counts only when the sender was told so."""

    def __init__(self, on_rcpt: Mood, on_data: Mood) -> None:
        self.taken: list[tuple[str, Message]] = []
        self.on_taken: Callable[[], None] = lambda: None
        self._on_rcpt, self._on_data = on_rcpt, on_data

    async def handle_RCPT(  # noqa: N802  named by aiosmtpd
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        answer = self._answer(server, self._on_rcpt(address))
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802  named by aiosmtpd
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        (address,) = envelope.rcpt_tos
        answer = self._answer(server, self._on_data(address))
        if answer == OK:
            assert isinstance(envelope.content, bytes)
            self.taken.append((address, message_from_bytes(envelope.content, policy=default)))
            self.on_taken()
        return answer

    def _answer(self, server: SMTP, answer: str) -> str:
        if answer == HANG_UP:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return answer or "421 Good bye"

    @property
    def addresses(self) -> list[str]:
        return sorted(address for address, _ in self.taken)


def friendly(_address: str) -> str:
    return OK


def moody(seed: int, *, share: float = 0.1) -> Mood:
    """Fail now and then, in every way that passes."""
    chance = random.Random(seed)

    def answer(_address: str) -> str:
        if chance.random() > share:
            return OK
        return chance.choice(["451 Try later", "450 Busy", "421 Going down", HANG_UP])

    return answer


@contextmanager
def mail_server(
    on_rcpt: Mood = friendly, on_data: Mood = friendly
) -> Iterator[tuple[Mailbox, str]]:
    """Yield the mailbox of a running server, and its address as STIMME_SMTP_URL."""
    mailbox, loop = Mailbox(on_rcpt, on_data), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(_serve(mailbox), loop).result()
    try:
        yield mailbox, f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(_close(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _serve(mailbox: Mailbox) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: SMTP(mailbox, hostname="localhost", loop=loop), "127.0.0.1", 0
    )


async def _close(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()
    # Whoever is connected still: the connections end with their tasks.
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port
    return port
