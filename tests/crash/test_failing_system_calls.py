"""Any one system call of a sealing fails, or is its last: the log stays whole and goes on."""

import time
from collections.abc import Callable
from itertools import count

import pytest
from django.utils import timezone

from stimme.apps.ballot import publisher
from stimme.apps.ballot.casting import Vote
from stimme.apps.ballot.log_keys import log_signer
from stimme.apps.ballot.models import Entry, LogHead, PendingLine
from stimme.apps.ballot.recounting import wrong_tallies
from stimme.apps.ballot.sealer import seal
from stimme.apps.ballot.services import cast_batch
from stimme.apps.causes.models import Cause
from stimme.engines.translog import Report, Tree, audit, b64, hour_of
from tests.crash.injecting import EIO, KILL, need_strace, seal_while
from tests.crash.instances import ROUNDS
from tests.house import version_of

pytestmark = pytest.mark.django_db(transaction=True)
# All that changes the disk, by us and by SQLite; `openat` makes files, and reads them.
CALLS = ["mkdir", "openat", "write", "fsync", "fchmod", "rename", "pwrite64", "fdatasync"]
STEP = 1 if ROUNDS else 6  # with all of them in CI
VOTES = 20  # in each sealing: now and then a bundle becomes full


class Sealings:
    """One log that is sealed again and again, each time with a fault, then without."""

    def __init__(self, cause: Cause) -> None:
        self.cid, self.voters = version_of(cause).cid, count()
        self.checkpoints: list[str] = []
        seal(everything=True)

    def fail(self, call: str, number: int, fault: str, before: Callable[[], None]) -> bool:
        """Whether the fault happened, after which the published log is held to the rules."""
        self._vote()
        self.checkpoints.append(publisher.published_checkpoint() or "")
        return seal_while(call, number, fault, before)

    def _vote(self) -> None:
        hour = hour_of(timezone.now())
        people = (b64(next(self.voters).to_bytes(16, "big")) for _ in range(VOTES))
        cast_batch([Vote(self.cid, one, "for", 0, hour) for one in people])

    def report(self) -> Report:
        """What an outsider says who has kept the last checkpoints, and the first one."""
        signer = log_signer()
        kept = [self.checkpoints[0], *self.checkpoints[-3:]]
        now = int(time.time())
        report = audit(publisher.read, signer.verifier, signer.name, earlier=kept, now=now)
        # R5 does not hold: these voters have no account.
        report.alarms = [alarm for alarm in report.alarms if alarm.rule != "R5"]
        return report

    def go_on(self) -> None:
        """The next sealing finishes what this one left."""
        seal(everything=True)
        report = self.report()
        assert report.alarms == []
        assert not PendingLine.objects.exists()
        assert LogHead.objects.get().size == report.size == Entry.objects.count()

    def prove(self) -> None:
        """Every line is in the log, once, and the count is that of the seats."""
        sealed = Entry.objects.order_by("log_index").values_list("text", flat=True)
        entries = [entry.decode() for entry in Tree(publisher.read, len(sealed)).entries()]
        assert entries == list(sealed)
        assert len(set(entries)) == len(entries)
        assert sum(entry.startswith("s1 vote") for entry in entries) == next(self.voters)
        assert wrong_tallies() == []


def right() -> None:
    """The sealer as it is."""


def checkpoint_first() -> None:
    """A sealer that publishes the checkpoint before what it speaks of."""
    write, held = publisher.write, dict[str, bytes]()

    def wrong(resources: dict[str, bytes]) -> None:
        if publisher.CHECKPOINT not in resources:
            held.update(resources)
            return
        write(resources)
        write(held)

    publisher.write = wrong  # type: ignore[assignment]  # in a process that only seals


@pytest.mark.parametrize("fault", [EIO, KILL])
def test_after_any_fault_the_published_log_is_whole_and_the_next_sealing_goes_on(
    cause: Cause, fault: str
) -> None:
    need_strace()
    sealings, faults = Sealings(cause), 0
    for call in CALLS:
        for number in count(1, STEP):
            happened = sealings.fail(call, number, fault, right)
            assert sealings.report().alarms == []
            sealings.go_on()
            if not happened:
                break
            faults += 1

    assert faults > (80 if STEP == 1 else 8)
    sealings.prove()


@pytest.mark.parametrize("fault", [EIO, KILL])
def test_the_same_faults_betray_a_sealer_that_publishes_its_checkpoint_first(
    cause: Cause, fault: str
) -> None:
    need_strace()
    sealings, betrayed = Sealings(cause), False
    for number in count(1):
        happened = sealings.fail("rename", number, fault, checkpoint_first)
        betrayed = betrayed or {one.rule for one in sealings.report().alarms} == {"tiles"}
        sealings.go_on()
        if not happened:
            break
    assert betrayed
