"""The door behind granian's RSGI interface: routes requests, and frames answers."""

import asyncio
import gc
import logging
import os
import re
import secrets
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Protocol
from urllib.parse import quote

from stimme import config, keys
from stimme.apps.ballot.casting import Cast
from stimme.apps.ballot.door import PAGES
from stimme.apps.ballot.door.busy import BusyPages
from stimme.apps.ballot.door.core import Door
from stimme.apps.ballot.door.live import LiveTallies
from stimme.apps.ballot.door.micro_cache import MicroCache, shared_age
from stimme.apps.ballot.door.requests import (
    MOST_BYTES,
    BallotRequest,
    cookie,
    language,
    read_ballot,
)
from stimme.apps.ballot.door.stores import store_of
from stimme.apps.ballot.door.upstream import (
    Answer,
    Headers,
    PagesAway,
    Request,
    Upstream,
    end_to_end,
    read_whole,
)
from stimme.apps.ballot.door.visitors import client_address, scheme_of, without_claims
from stimme.apps.ballot.door.voting import Voting, refusal
from stimme.apps.ballot.errors import BallotError, Busy

logger = logging.getLogger(__name__)
# Pages that are the same for everybody who is not signed in.
_PUBLIC = ("/causes/", "/organisations/", "/reasons/", "/tally/")
_CID = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")
_WHOLE = 1024 * 1024  # bytes of an answer that is passed on in one piece
_MOST_UPLOADED = 256 * 1024  # bytes, twice what a page takes; each is held in memory as a whole
_LATEST_AGAIN = 4  # seconds
_OWN: Headers = [("cache-control", "no-store"), ("x-content-type-options", "nosniff")]
_JSON: Headers = [*_OWN, ("content-type", "application/json")]
_EVENTS: Headers = [
    *_OWN,
    ("content-type", "text/event-stream"),
    ("x-accel-buffering", "no"),  # nginx must not collect them
]
_TEXT: Headers = [*_OWN, ("content-type", "text/plain; charset=utf-8")]


class TooLong(Exception):
    """A body larger than anything that is taken here."""


class Scope(Protocol):
    """What granian tells of a request; `path` is decoded."""

    method: str
    path: str
    query_string: str
    scheme: str
    client: str
    headers: Any


class Front:
    """One door. Its parts are made in the worker's event loop."""

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        settings = config.load()
        self._settings = settings
        self._upstream = Upstream(os.environ[PAGES])
        self._cache = MicroCache()
        # What the pages are asked by the door itself comes under the instance's own name.
        self._host: Headers = [("host", settings.address.netloc)]
        self._busy = BusyPages(self._upstream, self._host)
        self._voting = Voting(
            origin=settings.origin,
            paper_key=keys.load(settings.keys_dir, "paper"),
            receipt_key=keys.load(settings.keys_dir, "receipt"),
        )
        self._store = store_of(settings)
        self._live = LiveTallies(self._store.fingerprints, self._fragment)
        self._tasks: list[asyncio.Task[None]] = []
        loop.run_until_complete(self._start())
        _collect_rarely()

    async def _start(self) -> None:
        self._door = Door(self._store, self._settings.origin)
        for work in (self._door.serve(), self._live.serve(), self._busy.load()):
            self._run(work)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        task.add_done_callback(_leave_if_broken)
        self._tasks.append(task)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        for task in self._tasks:
            task.cancel()
        loop.run_until_complete(self._upstream.close())
        self._store.close()

    async def __rsgi__(self, scope: Scope, protocol: Any) -> None:  # noqa: ANN401
        """Answer one request."""
        path = scope.path
        try:
            if path == "/ballot" and scope.method == "POST":
                await self._vote(scope, protocol)
            elif path.startswith("/tally/") and path.endswith("/live"):
                await self._watch(scope, protocol)
            elif self._is_public(scope):
                await self._read(scope, protocol)
            else:
                await self._hand_on(scope, protocol, await _body(scope, protocol, _MOST_UPLOADED))
        except TooLong:
            protocol.response_str(413, _TEXT, "This is more than can be sent here.\n")
        except PagesAway:
            text = "The pages are being restarted. Try again in a moment.\n"
            protocol.response_str(503, [*_TEXT, come_again()], text)

    async def _vote(self, scope: Scope, protocol: Any) -> None:  # noqa: ANN401
        body = await _body(scope, protocol, MOST_BYTES)
        kind = scope.headers.get("content-type") or ""
        is_json = kind.startswith("application/json")
        try:
            ballot = read_ballot(kind, body)
            cid, cast = await self._cast(ballot, scope.headers.get("cookie") or "")
        except Busy as error:
            self._turn_away(scope, protocol, ballot, None if not is_json else error)
        except BallotError as error:
            if is_json:
                protocol.response_bytes(error.status, _JSON, refusal(error))
            else:  # the pages explain, in the voter's language and with the way back
                await self._hand_on(scope, protocol, body)
        except ValueError:
            if is_json:
                protocol.response_str(400, _JSON, '{"error": "malformed"}')
            else:
                await self._hand_on(scope, protocol, body)
        else:
            if is_json:
                protocol.response_bytes(200, _JSON, self._voting.answer(cid, cast))
            else:
                protocol.response_empty(303, [*_OWN, ("location", f"/receipt/{cid}/")])

    async def _cast(self, ballot: BallotRequest, cookies: str) -> tuple[str, Cast]:
        vote = self._voting.vote_of(ballot, cookie(cookies, config.SESSION_COOKIE))
        return vote.cid, await self._door.cast(vote)

    def _turn_away(
        self,
        scope: Scope,
        protocol: Any,  # noqa: ANN401
        ballot: BallotRequest,
        error: Busy | None,
    ) -> None:
        """Say 503 so that the same ballot is sent again: by a script, or from a page with it."""
        if error:
            protocol.response_bytes(503, [*_JSON, come_again()], refusal(error))
            return
        headers, page = self._busy.page(self._language(scope), ballot)
        protocol.response_str(503, [*headers, come_again()], page)

    async def _watch(self, scope: Scope, protocol: Any) -> None:  # noqa: ANN401
        cid = scope.path.removeprefix("/tally/").removesuffix("/live")
        address = client_address(scope.client, scope.headers, self._settings.proxies)
        if not _CID.fullmatch(cid) or not self._live.has_room(address):
            protocol.response_empty(404, _OWN)
            return
        transport = protocol.response_stream(200, _EVENTS)
        with suppress(RuntimeError):  # granian's way to say that the visitor has gone
            await self._live.watch((cid, self._language(scope)), address, transport.send_str)

    async def _fragment(self, cid: str, code: str) -> str:
        answer = await self._upstream.fetch(
            Request("GET", f"/tally/{cid}", [*self._host, ("accept-language", code)])
        )
        return answer.body.decode() if answer.status == 200 else ""  # noqa: PLR2004

    def _is_public(self, scope: Scope) -> bool:
        """Whether the cache may answer: a page for everybody, asked by nobody signed in."""
        return (
            scope.method in {"GET", "HEAD"}
            and (scope.path == "/" or scope.path.startswith(_PUBLIC))
            and not cookie(scope.headers.get("cookie") or "", config.SESSION_COOKIE)
        )

    async def _read(self, scope: Scope, protocol: Any) -> None:  # noqa: ANN401
        """Answer from the micro-cache; what depends on the visitor's cookies is handed on."""
        headers, code = scope.headers, self._language(scope)
        zipped = "gzip" in (headers.get("accept-encoding") or "")
        target = _target(scope)
        host = headers.get("host") or ""
        asked = Request(
            "GET",
            target,
            [
                ("host", host),
                ("accept-language", code),
                *([("accept-encoding", "gzip")] if zipped else []),
                *self._origin_of(scope),
            ],
        )
        scheme = scheme_of(scope.scheme, headers, self._settings.proxies)
        key = f"{scheme} {host} {code} {zipped} {target}"
        answer = await self._cache.get(key, lambda: self._upstream.fetch(asked))
        if shared_age(answer):
            _give(scope, protocol, answer)
        else:
            await self._hand_on(scope, protocol, b"")

    async def _hand_on(self, scope: Scope, protocol: Any, body: bytes) -> None:  # noqa: ANN401
        """Let the pages answer, piece by piece."""
        headers = [*without_claims(scope.headers), *self._origin_of(scope)]
        request = Request(scope.method, _target(scope), headers, body)
        async with self._upstream.stream(request) as response:
            given = end_to_end(response)
            if int(response.headers.get("content-length") or _WHOLE + 1) <= _WHOLE:
                protocol.response_bytes(response.status, given, await read_whole(response))
                return
            transport = protocol.response_stream(response.status, given)
            async for chunk in response.content.iter_any():
                await transport.send_bytes(chunk)

    def _origin_of(self, scope: Scope) -> Headers:
        """What the pages are told of the visitor; they believe nobody but the door."""
        proxies = self._settings.proxies
        return [
            ("x-forwarded-for", client_address(scope.client, scope.headers, proxies)),
            ("x-forwarded-proto", scheme_of(scope.scheme, scope.headers, proxies)),
        ]

    def _language(self, scope: Scope) -> str:
        headers = scope.headers
        chosen = cookie(headers.get("cookie") or "", config.LANGUAGE_COOKIE)
        accepted = headers.get("accept-language") or ""
        return language(chosen, accepted, config.LANGUAGE_CODES, self._settings.language)


def come_again() -> tuple[str, str]:
    """When to try again, in whole seconds: not all at once, which would be the next wave."""
    return "retry-after", str(1 + secrets.randbelow(_LATEST_AGAIN))


def _collect_rarely() -> None:
    """Votes leave no cycles behind; looking for some after each few took a tenth of their time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _leave_if_broken(task: asyncio.Task[None]) -> None:
    """End the worker, which is then started anew: half a door would keep votes waiting."""
    if not task.cancelled() and (error := task.exception()):
        logger.critical("the door is broken", exc_info=error)
        os._exit(1)


async def _body(scope: Scope, protocol: Any, most: int) -> bytes:  # noqa: ANN401
    """Read a bounded body. Raises TooLong, before it is read where its length is told."""
    length = scope.headers.get("content-length") or "0"
    if not length.isdigit() or int(length) > most:
        raise TooLong
    if scope.headers.get("transfer-encoding"):
        return await _chunked(protocol, most)
    body: bytes = await protocol() if length != "0" else b""
    return body


async def _chunked(protocol: Any, most: int) -> bytes:  # noqa: ANN401
    body = b""
    async for chunk in protocol:
        body += chunk
        if len(body) > most:
            raise TooLong
    return body


def _target(scope: Scope) -> str:
    path = quote(scope.path, safe="/~!$&'()*+,;=:@-._")
    return f"{path}?{scope.query_string}" if scope.query_string else path


def _give(scope: Scope, protocol: Any, answer: Answer) -> None:  # noqa: ANN401
    """Give a kept page, or say that the visitor has it already."""
    tag = answer.header("etag").removeprefix("W/")
    asked = scope.headers.get("if-none-match") or ""
    if tag and tag in {one.strip().removeprefix("W/") for one in asked.split(",")}:
        kept = {"etag", "cache-control", "vary", "content-language", "date"}
        protocol.response_empty(304, [pair for pair in answer.headers if pair[0] in kept])
    elif scope.method == "HEAD":
        protocol.response_empty(answer.status, answer.headers)
    else:
        protocol.response_bytes(answer.status, answer.headers, answer.body)
