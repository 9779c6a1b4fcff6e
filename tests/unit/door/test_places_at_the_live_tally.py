import asyncio

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
    async def send(event: str) -> None:
        raise AssertionError(event)

    task = asyncio.ensure_future(found.watch(KEY, address, send))
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


def test_a_quiet_connection_is_kept_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "TICK", 0)
    monkeypatch.setattr(live, "_TICKS_A_BEAT", 2)
    sent: list[str] = []

    async def story() -> None:
        async def fingerprints(cids: object) -> dict[str, int]:
            return {KEY[0]: 1}

        async def render(cid: str, language: str) -> str:
            return "12 for"

        async def send(event: str) -> None:
            sent.append(event)
            if len(sent) == 3:
                raise RuntimeError

        found = LiveTallies(fingerprints, render)
        ticking = asyncio.ensure_future(found.serve())
        with pytest.raises(RuntimeError):
            await found.watch(KEY, "10.0.0.1", send)
        ticking.cancel()

    asyncio.run(story())
    assert sent == ["event: tally\ndata: 12 for\n\n", ":\n\n", ":\n\n"]
