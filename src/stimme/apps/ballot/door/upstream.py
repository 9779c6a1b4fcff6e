"""The pages behind the door: asked over a Unix socket or a private address."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

Headers = list[tuple[str, str]]
_PATIENCE = 15.0  # seconds in which pages that are being restarted come back
_ANSWER = 60.0
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
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=20)
        socket = address if address.startswith("/") else None
        self._client = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=socket, limits=limits),
            base_url="http://pages" if socket else address,
            timeout=httpx.Timeout(_ANSWER, pool=_ANSWER),
            follow_redirects=False,
        )
        # A jar that takes nothing: the session of one visitor must never go with another's request.
        self._client.cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._client.headers.clear()  # the visitor's headers, not those of a library

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[httpx.Response]:
        """Send a request and yield the answer before its body. Raises PagesAway."""
        response = await self._sent(request)
        try:
            yield response
        finally:
            await response.aclose()

    async def fetch(self, request: Request) -> Answer:
        """Send a request and return the whole answer, as compressed as it came."""
        async with self.stream(request) as response:
            body = b"".join([chunk async for chunk in response.aiter_raw()])
        return Answer(response.status_code, end_to_end(response), body)

    async def _sent(self, request: Request) -> httpx.Response:
        outgoing = self._client.build_request(
            request.method, request.target, content=request.body, headers=_outgoing(request)
        )
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE
        while True:
            try:
                return await self._client.send(outgoing, stream=True)
            except httpx.ConnectError as error:
                # Nothing was sent yet, so trying again is safe for every method.
                if loop.time() > until:
                    raise PagesAway from error
                await asyncio.sleep(0.1)
            except httpx.HTTPError as error:
                raise PagesAway from error

    async def close(self) -> None:
        await self._client.aclose()


def _outgoing(request: Request) -> Headers:
    kept = [(name, value) for name, value in request.headers if name not in _HOP_BY_HOP]
    return [*kept, ("content-length", str(len(request.body)))] if request.body else kept


def end_to_end(response: httpx.Response) -> Headers:
    """The headers of an answer that concern the visitor."""
    pairs = response.headers.multi_items()
    return [(name, value) for name, value in pairs if name not in _HOP_BY_HOP]
