"""What the sealing process looks at in every round: tallies, log, and what waits.

Whatever does not hold is an error in the program's messages and a metric; nothing is corrected
silently.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection
from django.db.models import Min
from django.utils import timezone

from stimme.apps.ballot import publisher, watch_metrics
from stimme.apps.ballot.batches import is_due
from stimme.apps.ballot.models import Box, LogHead, PendingLine
from stimme.apps.ballot.proving import faults_of_stretch
from stimme.apps.ballot.recounting import is_wrong
from stimme.apps.ballot.tables import tables_of

logger = logging.getLogger(__name__)
_ALL_WITHIN = 3600  # seconds in which every box is recounted
_LONGEST = 10.0  # seconds of recounting in one round; what is left is the first of the next
_LINES_A_ROUND = 5120


@dataclass(slots=True)
class Watch:
    """Remembers from round to round what was proven when."""

    # By box: when it was last proven, and the fingerprint of its tallies then.
    _proven: dict[str, tuple[float, int | None]] = field(default_factory=dict)
    _wrong: set[str] = field(default_factory=set)
    _line: int = 0

    def look(self) -> None:
        """Take one round. Raises DatabaseError or OSError where nothing can be seen."""
        self._prove_tallies()
        self._prove_log()
        _measure_waiting()
        # Numbers that stand still look like numbers that are well.
        watch_metrics.LAST_LOOK.set_to_current_time()

    def _prove_tallies(self) -> None:
        until = time.monotonic() + _LONGEST
        for cid, fingerprint in self._next():
            self._judge(cid, wrong=is_wrong(cid))
            self._proven[cid] = time.monotonic(), fingerprint
            if time.monotonic() > until:
                break
        watch_metrics.WRONG_TALLIES.set(len(self._wrong))

    def _judge(self, cid: str, *, wrong: bool) -> None:
        if wrong:
            self._wrong.add(cid)
            logger.error("the tallies of %s are not those of its seats", cid)
        else:
            self._wrong.discard(cid)

    def _next(self) -> Iterator[tuple[str, int | None]]:
        """Boxes whose turn it is, then as many that changed since; each with its fingerprint."""
        cids = list(Box.objects.values_list("cid", flat=True))
        with connection.cursor() as cursor:
            prints = tables_of(connection.vendor).fingerprints(cursor, cids)
        share = -(-len(cids) * settings.STIMME.seal_interval // _ALL_WITHIN)
        never = -1.0, None
        cids.sort(key=lambda cid: self._proven.get(cid, never)[0])
        turn, rest = cids[:share], cids[share:]
        changed = [cid for cid in rest if self._proven.get(cid, never)[1] != prints.get(cid)]
        for cid in [*turn, *changed[:share]]:
            yield cid, prints.get(cid)

    def _prove_log(self) -> None:
        faults, self._line = faults_of_stretch(self._line, _LINES_A_ROUND)
        for fault in faults:
            logger.error("log: %s", fault)
        watch_metrics.WRONG_LOG.set(bool(faults))


def _measure_waiting() -> None:
    pending = PendingLine.objects.aggregate(earliest=Min("deadline"))
    watch_metrics.PENDING_LINES.set(PendingLine.objects.count())
    committed = (pending["earliest"] or time.time()) - settings.STIMME.promise_deadline
    age = time.time() - committed if pending["earliest"] else 0
    watch_metrics.OLDEST_PENDING_SECONDS.set(max(0, age))
    watch_metrics.SEALING_LAG_SECONDS.set(_lag())


def _lag() -> float:
    """Seconds since the checkpoint was replaced, where it should have been again."""
    head, published = LogHead.objects.first(), publisher.latest()
    if head is None or published is None:
        return 0
    if head.size == published.size and not is_due():
        return 0
    return (timezone.now() - publisher.published_at()).total_seconds()
