"""Group commit: whatever arrived while the last batch was committed is the next batch.

Knows neither HTTP nor which database there is.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from stimme.apps.ballot import metrics
from stimme.apps.ballot.casting import Cast, Vote
from stimme.apps.ballot.door.signatures import hold
from stimme.apps.ballot.errors import BadVoteSignature, BallotError, Busy

logger = logging.getLogger(__name__)
# Votes in one commit, and votes that may wait for the next. Whoever waits has a place in it: a
# few left over would wait twice as long as all others.
AT_ONCE = ROOM = 700
_THREADS = 2  # the library that checks signatures lets go of the interpreter's lock


class StoreFailed(Exception):
    """Whether the votes of a batch were stored is not known; asking again tells."""


class Store(Protocol):
    """Where votes are kept: all of a batch durably, or none of them."""

    async def cast(self, votes: Sequence[Vote]) -> list[Cast | BallotError]:
        """Answer each vote, in order, when all are on disk. Raises StoreFailed."""


@dataclass(slots=True)
class _Waiting:
    vote: Vote
    answer: asyncio.Future[Cast]

    def give(self, answer: Cast | BallotError) -> None:
        if self.answer.done():  # the voter has gone; the vote counts all the same
            return
        if isinstance(answer, BallotError):
            self.answer.set_exception(answer)
        else:
            self.answer.set_result(answer)


class Door:
    """Takes votes one by one, hands them on in batches, answers when they are durable.

    `changed` hears of the boxes of each batch, after its commit.
    """

    def __init__(
        self,
        store: Store,
        origin: str,
        *,
        room: int = ROOM,
        changed: Callable[[Collection[str]], None] = lambda _cids: None,
    ) -> None:
        self._store, self._origin, self._room, self._changed = store, origin, room, changed
        self._queue: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._threads = ThreadPoolExecutor(_THREADS, "signatures")

    async def cast(self, vote: Vote) -> Cast:
        """Return when the vote is on disk. Raises BallotError: Busy when too many wait."""
        if len(self._queue) >= self._room:
            metrics.TURNED_AWAY.inc()
            raise Busy
        waiting = _Waiting(vote, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._arrived.set()
        return await waiting.answer

    async def serve(self) -> None:
        """Commit batch after batch, until cancelled."""
        while True:
            await self._arrived.wait()
            # A turn of the loop: answers go out, and who has come meanwhile is in this batch.
            await asyncio.sleep(0)
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), AT_ONCE))]
            if not self._queue:
                self._arrived.clear()
            await self._commit(await self._well_signed(batch))

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        metrics.BATCH_SIZE.observe(len(batch))
        metrics.QUEUE_DEPTH.set(len(self._queue))
        answers: Sequence[Cast | BallotError]
        try:
            with metrics.COMMIT_SECONDS.time():
                answers = await self._store.cast([waiting.vote for waiting in batch])
        except StoreFailed:
            logger.exception("a batch of %d votes was not stored", len(batch))
            metrics.FAILED_BATCHES.inc()
            answers = [Busy() for _ in batch]
        for waiting, answer in zip(batch, answers, strict=True):
            waiting.give(answer)
        self._changed({waiting.vote.cid for waiting in batch})

    async def _well_signed(self, batch: Sequence[_Waiting]) -> Sequence[_Waiting]:
        """Turn away the votes whose signature is wrong; the others stay in their order."""
        keyed = [waiting for waiting in batch if waiting.vote.vk]
        if not keyed:
            return batch
        parts = [keyed[at::_THREADS] for at in range(_THREADS)]
        verdicts = await asyncio.gather(*map(self._verdicts, parts))
        wrong = [
            waiting
            for part, good in zip(parts, verdicts, strict=True)
            for waiting, holds in zip(part, good, strict=True)
            if not holds
        ]
        for waiting in wrong:
            waiting.give(BadVoteSignature())
        turned_away = set(map(id, wrong))
        return [waiting for waiting in batch if id(waiting) not in turned_away]

    async def _verdicts(self, part: Sequence[_Waiting]) -> list[bool]:
        votes = [waiting.vote for waiting in part]
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, hold, self._origin, votes)
