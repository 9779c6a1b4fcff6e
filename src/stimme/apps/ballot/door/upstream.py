"""The pages behind the door: asked over a Unix socket or a private address."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from yarl import URL

Headers = list[tuple[str, str]]
_PATIENCE = 15.0  # seconds in which pages that are being restarted come back
_PAUSE = 0.1
_ANSWER = 60.0
_CONNECTIONS = 1000  # more than slow readers are likely to hold
# Of one connection only (RFC 9110, section 7.6.1); the server frames each answer anew.
_HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
}


class PagesAway(Exception):
    """The pages do not answer."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request for the pages; `target` is path and query as they came."""

    method: str
    target: str
    headers: Headers
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Headers
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")


class Upstream:
    """One pool of connections to the pages."""

    def __init__(self, address: str) -> None:
        """`address` is the path of a socket, or a URL like http://10.0.0.2:8001."""
        self._socket = address if address.startswith("/") else None
        self._base = "http://pages" if self._socket else address
        self._session: aiohttp.ClientSession | None = None

    def _opened(self) -> aiohttp.ClientSession:
        """The pool, made where the event loop runs."""
        if not self._session:
            connector = (
                aiohttp.UnixConnector(self._socket, limit=_CONNECTIONS)
                if self._socket
                else aiohttp.TCPConnector(limit=_CONNECTIONS)
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=None, sock_read=_ANSWER),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                # The visitor's headers, not those of a library.
                skip_auto_headers=["Accept", "Accept-Encoding", "User-Agent", "Content-Type"],
            )
        return self._session

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a request and yield the answer before its body. Raises PagesAway."""
        response = await self._sent(request)
        try:
            yield response
        finally:
            response.release()

    async def fetch(self, request: Request) -> Answer:
        """Send a request and return the whole answer, as compressed as it came."""
        async with self.stream(request) as response:
            return Answer(response.status, end_to_end(response), await read_whole(response))

    async def _sent(self, request: Request) -> aiohttp.ClientResponse:
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE
        while True:
            try:
                return await self._opened().request(
                    request.method,
                    URL(self._base + request.target, encoded=True),
                    headers=_outgoing(request),
                    data=request.body or None,
                    allow_redirects=False,
                )
            except aiohttp.ClientConnectorError as error:
                # Nothing was sent yet, so trying again is safe for every method.
                if loop.time() > until:
                    raise PagesAway from error
                await asyncio.sleep(_PAUSE)
            except (aiohttp.ClientError, TimeoutError) as error:
                raise PagesAway from error

    async def close(self) -> None:
        if self._session:
            await self._session.close()


async def read_whole(response: aiohttp.ClientResponse) -> bytes:
    """Return the body. Raises PagesAway when it breaks off."""
    try:
        return await response.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise PagesAway from error


def _outgoing(request: Request) -> Headers:
    return [(name, value) for name, value in request.headers if name not in _HOP_BY_HOP]


def end_to_end(response: aiohttp.ClientResponse) -> Headers:
    """The headers of an answer that concern the visitor."""
    pairs = ((name.lower(), value) for name, value in response.headers.items())
    return [(name, value) for name, value in pairs if name not in _HOP_BY_HOP]
