"""A mail server that takes every mail at once and keeps none: in a process of its own."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

_FORK = multiprocessing.get_context("fork")
_GREETING = b"220 sink\r\n"
_ANSWERS = {b"DATA": b"354 Go on\r\n", b"QUIT": b"221 Bye\r\n"}
_OK = b"250 OK\r\n"


@contextmanager
def mail_sink() -> Iterator[str]:
    """Yield its address as STIMME_SMTP_URL has it."""
    mine, theirs = _FORK.Pipe(duplex=False)
    child = _FORK.Process(target=_run, args=(theirs,), daemon=True)
    child.start()
    try:
        yield f"smtp://127.0.0.1:{mine.recv()}"
    finally:
        child.terminate()
        child.join()


def _run(told: Connection) -> None:
    asyncio.run(_serve(told))


async def _serve(told: Connection) -> None:
    server = await asyncio.start_server(_talk, "127.0.0.1", 0)
    told.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(_GREETING)
    while line := await reader.readline():
        command = line[:4].strip().upper()
        writer.write(_ANSWERS.get(command, _OK))
        if command == b"DATA":
            await reader.readuntil(b"\r\n.\r\n")
            writer.write(_OK)
    writer.close()
