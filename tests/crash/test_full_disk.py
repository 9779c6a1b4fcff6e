"""A disk that is full while people vote, or while the log is sealed: nothing is half there."""

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest
from django.utils import timezone

from stimme.apps.ballot import publisher
from stimme.apps.ballot.casting import Vote
from stimme.apps.ballot.models import PendingLine
from stimme.apps.ballot.sealer import seal
from stimme.apps.ballot.services import cast_batch
from stimme.apps.causes.models import Cause
from stimme.engines.translog import Tree, b64, hour_of
from tests.crash.instances import Instance, answers, until
from tests.crash.storms import BUSY, OK, Storm
from tests.house import lines, version_of

_ROOM = "32m"


@dataclass(frozen=True)
class Disk:
    """A file system in memory, of a size that can be changed."""

    folder: Path

    def resize(self, size: str) -> None:
        mount("-o", f"remount,size={size}", self.folder)

    def used(self) -> int:
        """Bytes."""
        found = os.statvfs(self.folder)
        return (found.f_blocks - found.f_bfree) * found.f_frsize


def mount(*arguments: str | Path) -> None:
    done = subprocess.run(["mount", *arguments], check=False, capture_output=True)
    if done.returncode:
        pytest.skip("only who may mount a file system can fill one")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount("-t", "tmpfs", "-o", f"size={_ROOM},mode=0777", "tmpfs", folder)
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_votes_on_a_full_disk_are_turned_away_until_there_is_room(
    on_sqlite: Instance, disk: Disk
) -> None:
    """Whoever was turned away asks again; whoever was not has what was acknowledged."""
    database = shutil.move(on_sqlite.home / "stimme.sqlite3", disk.folder)
    instance = replace(on_sqlite, database_url=f"sqlite://{database}")
    storm, door = Storm(instance), instance.start_door()
    try:
        until(lambda: answers(instance.port), "the door is open")
        disk.resize(f"{disk.used() // 1024 + 1024}k")
        family = door.family()
        with storm.blowing():
            until(lambda: storm.statuses.get(BUSY, 0) > 20, "the disk is full")
            taken = storm.statuses[OK]
            disk.resize(_ROOM)
            until(lambda: storm.statuses[OK] > taken + 20, "votes are taken again")
        storm.settle()
        assert door.family() == family
    finally:
        door.end()
    storm.judge()


@pytest.mark.django_db(transaction=True)
def test_a_log_on_a_full_disk_stays_as_it_was_published_until_there_is_room(
    cause: Cause, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = type(publisher.store())(disk.folder)  # type: ignore[call-arg]
    monkeypatch.setattr(publisher, "store", lambda: store)
    seal(everything=True)
    voters = count()
    for room in ["4k", "16k", "64k", "256k"]:
        before = publisher.published_checkpoint()
        _vote(cause, voters)
        disk.resize(f"{disk.used() // 1024 + int(room[:-1])}k")
        with pytest.raises(OSError, match="No space left") as full:
            seal(everything=True)
        assert full.value.errno == errno.ENOSPC
        assert publisher.published_checkpoint() == before
        disk.resize(_ROOM)
        seal(everything=True)
        size = publisher.size_of(publisher.published_checkpoint())
        assert [entry.decode() for entry in Tree(publisher.read, size).entries()] == lines()
    assert not PendingLine.objects.exists()
    assert not list(disk.folder.rglob(".new-*"))


def _vote(cause: Cause, voters: Iterator[int]) -> None:
    """More lines than a small disk has room for."""
    cid, hour = version_of(cause).cid, hour_of(timezone.now())
    people = (b64(next(voters).to_bytes(16, "big")) for _ in range(3000))
    cast_batch([Vote(cid, one, "for", 0, hour) for one in people])
