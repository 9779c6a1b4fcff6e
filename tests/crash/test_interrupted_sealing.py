"""A sealing that stops at any system call: the next one gives the same log, whole."""

import os
import shutil
from contextlib import suppress
from itertools import count
from pathlib import Path

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
from tests.power_cuts import Fails, PowerCut

pytestmark = pytest.mark.django_db


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


def test_after_a_stop_at_any_call_the_next_sealing_publishes_all(
    cause: Cause, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With so many lines that each sealing fills bundles, and the last ones a tile above."""
    seal(everything=True)
    for at in count(1):
        before = published()
        cast(cause, 280 * at, 280 * (at + 1))
        with monkeypatch.context() as patch:
            fails = Fails(patch, at, PowerCut)
            with suppress(PowerCut):
                seal(everything=True)
        # What was already published can be read at any moment.
        assert published().size >= before.size
        seal(everything=True)
        assert_continued(before)
        if fails.calls < at:
            break
    assert at > 20
    assert_whole()


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
