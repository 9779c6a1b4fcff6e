"""The live tally: open connections that hear of a count when it has changed."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping

from stimme.apps.ballot.door.upstream import PagesAway

logger = logging.getLogger(__name__)
TICK = 0.5  # seconds: at most two updates a second
MOST_WATCHERS = 20_000
MOST_OF_ONE_ADDRESS = 2_000  # a school behind one router, many times over
_ALL = "all"  # no address
_TICKS_A_BEAT = 50  # so that no proxy takes a quiet connection for a dead one
_BEAT = ":\n\n"
_AT_ONCE = 20  # fragments rendered in one tick

Key = tuple[str, str]  # cid, language
Fingerprints = Callable[[Collection[str]], Awaitable[Mapping[str, int]]]
Send = Callable[[str], Awaitable[None]]
Render = Callable[[str, str], Awaitable[str]]


class _Channel:
    """One fragment and those who wait for its next state."""

    def __init__(self) -> None:
        self.watchers = 0
        self.event = ""
        self.news = asyncio.Event()

    def publish(self, html: str) -> None:
        event = "event: tally\n" + "".join(f"data: {line}\n" for line in html.splitlines()) + "\n"
        if event != self.event:
            self.event = event
            self.wake()

    def wake(self) -> None:
        news, self.news = self.news, asyncio.Event()
        news.set()


class LiveTallies:
    """Looks at the tallies of what is watched twice a second, in one query for all.

    So it hears of every vote, whichever door or page took it.
    """

    def __init__(self, fingerprints: Fingerprints, render: Render) -> None:
        self._fingerprints, self._render = fingerprints, render
        self._channels: dict[Key, _Channel] = {}
        self._seen: dict[Key, int] = {}
        self._watchers: Counter[str] = Counter()  # by address, and all of them

    def has_room(self, address: str) -> bool:
        """Whether one more may watch from this address."""
        few = self._watchers[address] < MOST_OF_ONE_ADDRESS
        return few and self._watchers[_ALL] < MOST_WATCHERS

    def _count(self, address: str, change: int) -> None:
        self._watchers[_ALL] += change
        self._watchers[address] += change
        if not self._watchers[address]:
            del self._watchers[address]

    async def watch(self, key: Key, address: str, send: Send) -> None:
        """Send the events of one fragment, the present state first, until sending fails.

        Kept lean, since ten thousand of them may wait: no timer, no generator each.
        """
        self._count(address, 1)
        channel = self._channels.setdefault(key, _Channel())
        channel.watchers += 1
        sent = ""
        try:
            while True:
                news = channel.news
                if channel.event is not sent:
                    sent = channel.event
                    await send(sent)
                elif sent:
                    await send(_BEAT)
                await news.wait()
        finally:
            self._count(address, -1)
            self._leave(key, channel)

    def _leave(self, key: Key, channel: _Channel) -> None:
        channel.watchers -= 1
        if not channel.watchers:
            self._channels.pop(key, None)
            self._seen.pop(key, None)

    async def serve(self) -> None:
        """Publish what has changed, tick after tick, until cancelled."""
        ticks = 0
        while True:
            await asyncio.sleep(TICK)
            ticks += 1
            if self._channels:
                await self._tick()
            if not ticks % _TICKS_A_BEAT:
                for channel in self._channels.values():
                    channel.wake()

    async def _tick(self) -> None:
        try:
            now = await self._fingerprints({cid for cid, _ in self._channels})
        except Exception:
            logger.exception("the tallies could not be read")
            return
        changed = [key for key in self._channels if self._seen.get(key) != now.get(key[0], 0)]
        for key in changed[:_AT_ONCE]:
            await self._refresh(key, now.get(key[0], 0))

    async def _refresh(self, key: Key, fingerprint: int) -> None:
        try:
            html = await self._render(*key)
        except PagesAway:
            return
        if channel := self._channels.get(key):
            self._seen[key] = fingerprint
            channel.publish(html)
