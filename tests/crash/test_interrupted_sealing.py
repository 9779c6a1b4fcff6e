"""A sealing that stops at any system call: the next one gives the same log, whole."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest
from django.conf import settings
from django.utils import timezone

from stimme.apps.ballot import publisher
from stimme.apps.ballot.casting import Vote
from stimme.apps.ballot.log_keys import log_signer
from stimme.apps.ballot.models import Entry, LogHead
from stimme.apps.ballot.sealer import seal
from stimme.apps.ballot.services import cast_batch
from stimme.apps.causes.models import Cause
from stimme.engines.translog import Checkpoint, Edge, Tree, audit, b64, hour_of, open_checkpoint
from tests.house import version_of

pytestmark = pytest.mark.django_db
P = ParamSpec("P")
T = TypeVar("T")
# All that changes the disk; `open` of tempfile and of directories included.
CALLS = ["open", "mkdir", "rename", "fsync", "fchmod"]


class PowerCut(BaseException):
    """Nothing catches it: what was to come after does not happen."""


class Fails:
    """Let the n-th system call of a sealing fail, and count them."""

    def __init__(
        self, patch: pytest.MonkeyPatch, at: int, error: Callable[[], BaseException]
    ) -> None:
        self.calls, self.at, self.error = 0, at, error
        for name in CALLS:
            patch.setattr(os, name, self.failing(getattr(os, name)))

    def failing(self, call: Callable[P, T]) -> Callable[P, T]:
        def one(*arguments: P.args, **options: P.kwargs) -> T:
            self.calls += 1
            if self.calls == self.at:
                raise self.error()
            return call(*arguments, **options)

        return one


def full_disk() -> OSError:
    return OSError(28, "No space left on device")


class ForgetfulDisk:
    """After a power cut it has lost every new name in a directory that was not synced."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.real = {name: getattr(os, name) for name in ["rename", "mkdir", "fsync"]}
        self.renamed: list[tuple[Path, bytes | None]] = []  # and what was there before
        self.made: list[Path] = []
        self.synced: set[int] = set()
        for name in self.real:
            patch.setattr(os, name, getattr(self, name))

    def rename(self, source: str, target: Path) -> None:
        assert Path(source).stat().st_ino in self.synced
        before = target.read_bytes() if target.exists() else None
        self.real["rename"](source, target)
        self.renamed.append((target, before))

    def mkdir(self, path: Path, mode: int = 0o777) -> None:
        self.real["mkdir"](path, mode)
        self.made.append(path)

    def fsync(self, handle: int) -> None:
        self.real["fsync"](handle)
        inode = os.fstat(handle).st_ino
        self.synced.add(inode)
        self.renamed = [one for one in self.renamed if one[0].parent.stat().st_ino != inode]
        self.made = [path for path in self.made if path.parent.stat().st_ino != inode]

    def forget(self, *, all_but_last: bool) -> None:
        """Disks write in any order: the last name may be there and those before it lost."""
        for target, before in self.renamed[: -1 if all_but_last else None]:
            if before is None:
                target.unlink()
            else:
                target.write_bytes(before)
        for path in self.made:
            if not all_but_last or path not in self.renamed[-1][0].parents:
                shutil.rmtree(path, ignore_errors=True)


def cast(cause: Cause, start: int, stop: int) -> None:
    cid, hour = version_of(cause).cid, hour_of(timezone.now())
    people = (b64(number.to_bytes(16, "big")) for number in range(start, stop))
    cast_batch([Vote(cid, one, "for", 0, hour) for one in people])


def published() -> Checkpoint:
    """The published checkpoint, once the files at the end of the log lead to its root."""
    note = publisher.published_checkpoint() or ""
    checkpoint = open_checkpoint(note, log_signer().verifier, settings.STIMME.origin)
    assert Edge.load(publisher.read, checkpoint.size).root() == checkpoint.root
    return checkpoint


def assert_continued(before: Checkpoint) -> None:
    after = published()
    assert Tree(publisher.read, before.size).root() == before.root
    assert LogHead.objects.get().size == after.size == Entry.objects.count()


def assert_whole() -> None:
    """Every file exists, the rules hold, and the log has every line once."""
    signer = log_signer()
    report = audit(publisher.read, signer.verifier, signer.name, now=0)
    # R5 does not hold: these voters have no account.
    assert [alarm for alarm in report.alarms if alarm.rule != "R5"] == []
    sealed = Entry.objects.order_by("log_index").values_list("log_index", "text")
    entries = [entry.decode() for entry in Tree(publisher.read, report.size).entries()]
    assert list(enumerate(entries)) == list(sealed)


@pytest.mark.parametrize("error, step", [(full_disk, 2), (PowerCut, 2), (PowerCut, 280)])
def test_after_any_failed_call_the_next_sealing_publishes_all(
    cause: Cause,
    monkeypatch: pytest.MonkeyPatch,
    error: Callable[[], BaseException],
    step: int,
) -> None:
    seal(everything=True)
    for at in count(1):
        before = published()
        cast(cause, step * at, step * (at + 1))
        with monkeypatch.context() as patch:
            fails = Fails(patch, at, error)
            with suppress(OSError, PowerCut):
                seal(everything=True)
        # What was already published can be read at any moment.
        assert published().size >= before.size
        seal(everything=True)
        assert_continued(before)
        if fails.calls < at:
            break
    assert at > 20
    assert_whole()
    assert not list(publisher.directory().rglob(".new-*")) or error is PowerCut


@pytest.mark.parametrize("all_but_last", [False, True])
def test_a_power_cut_that_loses_names_never_shows_a_checkpoint_without_its_files(
    cause: Cause, monkeypatch: pytest.MonkeyPatch, *, all_but_last: bool
) -> None:
    seal(everything=True)
    for at in count(1):
        before = published()
        cast(cause, 100 * at, 100 * (at + 1))
        with monkeypatch.context() as patch:
            disk = ForgetfulDisk(patch)
            fails = Fails(patch, at, PowerCut)
            with suppress(PowerCut):
                seal(everything=True)
        disk.forget(all_but_last=all_but_last and bool(disk.renamed))
        assert published().size >= before.size
        seal(everything=True)
        assert_continued(before)
        if fails.calls < at:
            break
    assert at > 20
    assert_whole()
