"""The door's core, without a front and without a database."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stimme.apps.ballot.casting import Cast, Vote
from stimme.apps.ballot.door.core import AT_ONCE, Door, StoreFailed
from stimme.apps.ballot.errors import BadVoteSignature, BallotError, BoxClosed, Busy
from stimme.apps.ballot.tables import Batch
from stimme.engines.translog import b64, unsigned_vote, vote_signing_text

ORIGIN, CID, HOUR = "stimme.example/log", "A" * 22, "2026-11-22T18Z"
BATCH = Batch(0, b"")
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


class Shelf:
    """A store that commits when the test says so, and remembers the batches it was given."""

    def __init__(self) -> None:
        self.batches: list[list[Vote]] = []
        self.commits = asyncio.Semaphore(0)
        self.failures = 0

    async def cast(self, votes: Sequence[Vote]) -> list[Cast | BallotError]:
        self.batches.append(list(votes))
        await self.commits.acquire()
        if self.failures:
            self.failures -= 1
            raise StoreFailed
        return [self._answer(index, vote) for index, vote in enumerate(votes)]

    def _answer(self, index: int, vote: Vote) -> Cast | BallotError:
        if vote.choice == "withdrawn":
            return BoxClosed()
        return Cast(
            f"line of {vote.pseudonym}", 0, vote.choice, changed=True, batch=BATCH, index=index
        )

    def sizes(self) -> list[int]:
        return [len(batch) for batch in self.batches]


class Works:
    """A door that serves while the block runs, and a crowd in front of it."""

    def __init__(self, **options: int) -> None:
        self.shelf = Shelf()
        self.told: list[set[str]] = []
        self.door = Door(self.shelf, ORIGIN, changed=self._hear, **options)

    def _hear(self, cids: Collection[str]) -> None:
        self.told.append(set(cids))

    async def __aenter__(self) -> Self:
        self.serving = asyncio.ensure_future(self.door.serve())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert not self.serving.done()
        self.serving.cancel()

    def arrive(self, *votes: Vote) -> list[asyncio.Task[Cast]]:
        return [asyncio.ensure_future(self.door.cast(vote)) for vote in votes]

    async def settle(self) -> None:
        """Let everything happen that needs no commit."""
        for _ in range(20):
            await asyncio.sleep(0)


def vote(number: int, choice: str = "for") -> Vote:
    return Vote(CID, str(number), choice, 0, HOUR)


def signed(number: int, **otherwise: Any) -> Vote:  # noqa: ANN401
    """A vote for, with a signature; `otherwise` is what it says and was not signed."""
    p, vk = b64(number.to_bytes(16, "big")), b64(KEY.public_key().public_bytes_raw())
    line = unsigned_vote(CID, p, 0, "for", "0", HOUR, vk)
    sig = b64(KEY.sign(vote_signing_text(ORIGIN, line)))
    said = {"choice": "for", "level": 0, "hour": HOUR, "seq": 0, "vk": vk, "sig": sig, **otherwise}
    return Vote(cid=CID, pseudonym=p, **said)


async def answers(tasks: Sequence[asyncio.Task[Cast]]) -> list[str | type[BaseException]]:
    found = await asyncio.gather(*tasks, return_exceptions=True)
    return [one.line if isinstance(one, Cast) else type(one) for one in found]


def test_a_batch_is_what_arrived_while_the_last_one_was_committed() -> None:
    async def story() -> None:
        async with Works() as works:
            first = works.arrive(vote(0))
            await works.settle()
            later = works.arrive(*map(vote, range(1, 8)))
            await works.settle()
            assert works.shelf.sizes() == [1]
            works.shelf.commits.release()
            await works.settle()
            assert works.shelf.sizes() == [1, 7]
            assert [task.done() for task in [*first, *later]] == [True] + [False] * 7
            works.shelf.commits.release()
            assert await answers(later) == [f"line of {number}" for number in range(1, 8)]
            assert works.told == [{CID}, {CID}]

    asyncio.run(story())


def test_a_batch_is_never_larger_than_the_bound() -> None:
    async def story() -> None:
        async with Works(room=3 * AT_ONCE) as works:
            first = works.arrive(vote(0))
            await works.settle()
            later = works.arrive(*map(vote, range(2 * AT_ONCE + 1)))
            for _ in range(4):
                works.shelf.commits.release()
            await answers([*first, *later])
            assert works.shelf.sizes() == [1, AT_ONCE, AT_ONCE, 1]

    asyncio.run(story())


def test_when_too_many_wait_the_next_is_turned_away_and_may_come_again() -> None:
    async def story() -> None:
        async with Works(room=5) as works:
            first = works.arrive(vote(0))
            await works.settle()
            waiting = works.arrive(*map(vote, range(1, 6)))
            await works.settle()
            turned_away = works.arrive(vote(6), vote(7))
            assert await answers(turned_away) == [Busy, Busy]
            works.shelf.commits.release()
            works.shelf.commits.release()
            assert Busy not in await answers([*first, *waiting])
            again = works.arrive(vote(6))
            works.shelf.commits.release()
            assert await answers(again) == ["line of 6"]

    asyncio.run(story())


def test_a_failed_commit_answers_everybody_and_the_next_batch_is_fine() -> None:
    async def story() -> None:
        async with Works() as works:
            works.shelf.failures = 1
            failed = works.arrive(*map(vote, range(4)))
            works.shelf.commits.release()
            assert await answers(failed) == [Busy] * 4
            again = works.arrive(*map(vote, range(4)))
            works.shelf.commits.release()
            assert await answers(again) == [f"line of {number}" for number in range(4)]
            assert works.shelf.sizes() == [4, 4]

    asyncio.run(story())


def test_a_refused_vote_is_refused_alone() -> None:
    async def story() -> None:
        async with Works() as works:
            tasks = works.arrive(vote(0), vote(1, "withdrawn"), vote(2))
            works.shelf.commits.release()
            assert await answers(tasks) == ["line of 0", BoxClosed, "line of 2"]

    asyncio.run(story())


def test_a_voter_who_has_gone_is_counted_and_disturbs_nobody() -> None:
    async def story() -> None:
        async with Works() as works:
            tasks = works.arrive(vote(0), vote(1), vote(2, "withdrawn"), vote(3))
            await works.settle()
            tasks[1].cancel()
            tasks[2].cancel()
            works.shelf.commits.release()
            gone = asyncio.CancelledError
            assert await answers(tasks) == ["line of 0", gone, gone, "line of 3"]
            assert works.shelf.sizes() == [4]

    asyncio.run(story())


def test_a_wrong_signature_turns_away_its_own_vote_only() -> None:
    async def story() -> None:
        async with Works() as works:
            votes = [
                vote(0),
                signed(1),
                signed(2, choice="against"),
                signed(3, level=1),
                signed(4, seq=1),
                signed(5, vk=b64(bytes(32))),
                signed(6),
                vote(7),
            ]
            tasks = works.arrive(*votes)
            works.shelf.commits.release()
            good = [0, 1, 6, 7]
            expected = [
                f"line of {one.pseudonym}" if number in good else BadVoteSignature
                for number, one in enumerate(votes)
            ]
            assert await answers(tasks) == expected
            assert works.shelf.batches == [[votes[number] for number in good]]

    asyncio.run(story())


def test_a_batch_of_wrong_signatures_alone_disturbs_nobody() -> None:
    async def story() -> None:
        async with Works() as works:
            tasks = works.arrive(signed(1, choice="against"), signed(2, choice="against"))
            works.shelf.commits.release()
            assert await answers(tasks) == [BadVoteSignature] * 2
            await works.settle()
            works.shelf.commits.release()
            assert await answers(works.arrive(vote(3))) == ["line of 3"]

    asyncio.run(story())


def test_a_store_that_breaks_otherwise_ends_the_serving() -> None:
    """Then the process leaves, and is started anew: half a door would keep votes waiting."""

    async def story() -> None:
        works = Works()
        works.shelf.batches = None  # type: ignore[assignment]
        serving = asyncio.ensure_future(works.door.serve())
        works.arrive(vote(0))
        await works.settle()
        assert isinstance(serving.exception(), AttributeError)

    asyncio.run(story())
