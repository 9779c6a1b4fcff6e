"""Public pages are kept for a moment and asked for once; nothing else is ever kept."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from stimme.apps.ballot.door import micro_cache
from stimme.apps.ballot.door.micro_cache import MicroCache, shared_age
from stimme.apps.ballot.door.upstream import Answer, PagesAway

PUBLIC = "public, max-age=0, s-maxage=1"


def page(text: str = "page", rules: str = PUBLIC, status: int = 200, cookie: str = "") -> Answer:
    headers = [("cache-control", rules), *([("set-cookie", cookie)] if cookie else [])]
    return Answer(status, headers, text.encode())


class Pages:
    """Answers with what is next, once the test lets it."""

    def __init__(self, *answers: Answer | Exception) -> None:
        self.answers, self.asked = list(answers), 0
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self) -> Answer:
        self.asked += 1
        answer = self.answers.pop(0)
        await self.open.wait()
        if isinstance(answer, Exception):
            raise answer
        return answer


def told(story: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await story()

    asyncio.run(whole())


@pytest.mark.parametrize(
    "answer, age",
    [
        (page(), 1),
        (page(rules="public, s-maxage=30"), 30),
        (page(rules="public,s-maxage=2"), 2),
        (page(rules="s-maxage=1"), 0),
        (page(rules="private, s-maxage=1"), 0),
        (page(rules="public, xs-maxage=1"), 0),
        (page(rules="public, max-age=60"), 0),
        (page(rules=""), 0),
        (page(status=404), 0),
        (page(status=302), 0),
        (page(cookie="stimme_session=abc"), 0),
    ],
)
def test_only_whole_public_pages_without_cookies_are_shared(answer: Answer, age: int) -> None:
    assert shared_age(answer) == age


def test_a_page_is_kept_until_its_time_is_over() -> None:
    async def story() -> None:
        now = 0.0
        pages = Pages(page("one"), page("two"))
        cache = MicroCache(clock=lambda: now)
        assert [(await cache.get("/", pages)).body for _ in range(3)] == [b"one"] * 3
        now = 1.0
        assert (await cache.get("/", pages)).body == b"two"
        assert pages.asked == 2

    told(story)


def test_pages_are_kept_apart_by_their_key() -> None:
    async def story() -> None:
        cache, pages = MicroCache(), Pages(page("one"), page("two"))
        assert (await cache.get("a", pages)).body == b"one"
        assert (await cache.get("b", pages)).body == b"two"
        assert (await cache.get("a", pages)).body == b"one"

    told(story)


def test_many_who_ask_together_cost_one_answer() -> None:
    async def story() -> None:
        cache, pages = MicroCache(), Pages(page("one"))
        pages.open.clear()
        crowd = [asyncio.ensure_future(cache.get("/", pages)) for _ in range(50)]
        await asyncio.sleep(0)
        pages.open.set()
        assert {answer.body for answer in await asyncio.gather(*crowd)} == {b"one"}
        assert pages.asked == 1

    told(story)


def test_what_is_not_public_reaches_only_the_one_who_asked() -> None:
    async def story() -> None:
        private = [page(f"for {number}", "private") for number in range(3)]
        cache, pages = MicroCache(), Pages(*private)
        pages.open.clear()
        crowd = [asyncio.ensure_future(cache.get("/", pages)) for _ in range(3)]
        await asyncio.sleep(0)
        pages.open.set()
        bodies = sorted(answer.body for answer in await asyncio.gather(*crowd))
        assert bodies == [b"for 0", b"for 1", b"for 2"]

    told(story)


def test_an_error_reaches_those_who_asked_and_is_not_kept() -> None:
    async def story() -> None:
        cache, pages = MicroCache(), Pages(PagesAway(), page("one"))
        pages.open.clear()
        crowd = [asyncio.ensure_future(cache.get("/", pages)) for _ in range(3)]
        await asyncio.sleep(0)
        pages.open.set()
        found = await asyncio.gather(*crowd, return_exceptions=True)
        assert [type(one) for one in found] == [PagesAway] * 3
        assert (await cache.get("/", pages)).body == b"one"

    told(story)


def test_one_who_asked_first_and_left_takes_nothing_from_the_others() -> None:
    async def story() -> None:
        cache, pages = MicroCache(), Pages(page("one"))
        pages.open.clear()
        first, second = [asyncio.ensure_future(cache.get("/", pages)) for _ in range(2)]
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        pages.open.set()
        assert (await second).body == b"one"
        assert pages.asked == 1

    told(story)


def test_the_longest_unread_pages_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        monkeypatch.setattr(micro_cache, "_MOST", 3)
        cache = MicroCache()
        for key in "abcd":
            await cache.get(key, Pages(page(key)))
        assert (await cache.get("d", Pages())).body == b"d"
        assert (await cache.get("a", Pages(page("anew")))).body == b"anew"

    told(story)
