import asyncio
from contextlib import aclosing

import pytest

from stimme.apps.ballot.door import live
from stimme.apps.ballot.door.live import LiveTallies

KEY = ("A" * 22, "en")


def tallies() -> LiveTallies:
    async def fingerprints(cids: object) -> dict[str, int]:
        return {}

    async def render(cid: str, language: str) -> str:
        return ""

    return LiveTallies(fingerprints, render)


async def watching(found: LiveTallies, address: str) -> "asyncio.Task[None]":
    async def watch() -> None:
        async with aclosing(found.watch(KEY, address)) as events:
            async for _ in events:
                pass

    task = asyncio.ensure_future(watch())
    await asyncio.sleep(0)
    return task


def test_one_address_cannot_take_all_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_OF_ONE_ADDRESS", 2)
    monkeypatch.setattr(live, "MOST_WATCHERS", 3)

    async def story() -> list[bool]:
        found = tallies()
        tasks = [await watching(found, "10.0.0.1") for _ in range(2)]
        rooms = [found.has_room("10.0.0.1"), found.has_room("10.0.0.2")]
        tasks.append(await watching(found, "10.0.0.2"))
        rooms.append(found.has_room("10.0.0.3"))
        tasks[0].cancel()
        await asyncio.gather(*tasks[:1], return_exceptions=True)
        rooms += [found.has_room("10.0.0.1"), found.has_room("10.0.0.3")]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return rooms

    assert asyncio.run(story()) == [False, True, False, True, True]
