"""Public pages, kept for a second: a storm of readers costs the pages one answer a second."""

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from stimme.apps.ballot.door.upstream import Answer

_MOST = 1000  # pages kept: a few megabytes each hundred
_SHARED_AGE = re.compile(r"(?:^|,\s*)s-maxage=(\d+)")
Fetch = Callable[[], Awaitable[Answer]]


class MicroCache:
    """Keeps what the pages call public, for as long as they say; asks once for many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, Answer]] = OrderedDict()
        self._asked: dict[str, asyncio.Task[Answer]] = {}

    async def get(self, key: str, fetch: Fetch) -> Answer:
        """Return the kept answer, or a fresh one; PagesAway is passed on.

        An answer that is not public is given to nobody but the one who asked for it.
        """
        until, kept = self._kept.get(key, (0.0, None))
        if kept and self._clock() < until:
            return kept
        if asked := self._asked.get(key):
            answer = await asyncio.shield(asked)
            return answer if shared_age(answer) else await fetch()
        return await self._ask(key, fetch)

    async def _ask(self, key: str, fetch: Fetch) -> Answer:
        task = asyncio.ensure_future(fetch())
        self._asked[key] = task
        try:
            answer = await asyncio.shield(task)
        finally:
            del self._asked[key]
        if age := shared_age(answer):
            self._keep(key, self._clock() + age, answer)
        return answer

    def _keep(self, key: str, until: float, answer: Answer) -> None:
        self._kept[key] = (until, answer)
        self._kept.move_to_end(key)
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)


def shared_age(answer: Answer) -> int:
    """Seconds for which an answer may be given to others; 0 for never."""
    rules = answer.header("cache-control")
    found = _SHARED_AGE.search(rules)
    public = answer.status == 200 and "public" in rules and not answer.header("set-cookie")  # noqa: PLR2004
    return int(found[1]) if found and public else 0
