"""Two sealers at once never fork the log; real processes, real locks."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from threading import Barrier, BrokenBarrierError, current_thread

import pytest
from django.conf import settings
from django.db import connection

from stimme.apps.accounts.models import User
from stimme.apps.ballot import publisher
from stimme.apps.ballot.log_keys import log_signer
from stimme.apps.ballot.models import Entry, LogHead
from stimme.apps.ballot.sealer import SealingRefused, seal
from stimme.apps.causes.models import Cause
from stimme.engines.translog import Tree, Verifier, open_checkpoint
from tests.house import vote

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(number: int) -> list[int]:
    """Seal in this many threads that start together; return how many lines each sealed."""
    start = Barrier(number)

    def one(_number: int) -> int:
        try:
            start.wait()
            return seal(everything=True).lines
        except SealingRefused:
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def assert_one_history() -> None:
    note = publisher.published_checkpoint() or ""
    verifier = Verifier.from_vkey(log_signer().vkey)
    checkpoint = open_checkpoint(note, verifier, settings.STIMME.origin)
    tree = Tree(publisher.read, checkpoint.size)
    assert tree.root() == checkpoint.root
    entries = [entry.decode() for entry in tree.entries(0, checkpoint.size)]
    sealed = Entry.objects.order_by("log_index").values_list("log_index", "text")
    assert list(enumerate(entries)) == list(sealed)
    assert LogHead.objects.get().size == checkpoint.size == len(set(entries))


def test_what_is_pending_is_sealed_once(cause: Cause, alice: User, charlie: User) -> None:
    seal()
    for round_ in range(4):
        choice = ["for", "against"][round_ % 2]
        vote(alice, cause, choice)
        vote(charlie, cause, choice)
        assert sum(at_once(3)) == 2
        assert_one_history()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite is on one machine")
def test_the_database_keeps_sealers_of_several_machines_apart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each has a lock file of its own; the log, say in a bucket, is the same."""
    monkeypatch.setattr(publisher, "directory", lambda: tmp_path / current_thread().name)
    inside, start = Barrier(2), Barrier(2)

    def one() -> bool:
        start.wait()
        try:
            with publisher.exclusively():
                inside.wait(timeout=1)  # for the other, which must not come
        except BrokenBarrierError:
            return True
        finally:
            connection.close()
        return False

    with ThreadPoolExecutor(2) as pool:
        assert [done.result() for done in [pool.submit(one), pool.submit(one)]] == [True, True]


def test_the_head_alone_prevents_a_fork_where_the_file_lock_does_not_reach(
    cause: Cause, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two machines with one database do not share a lock on a directory."""

    def unlocked() -> AbstractContextManager[None]:
        return nullcontext()

    monkeypatch.setattr(publisher, "exclusively", unlocked)
    publisher.directory().mkdir(parents=True, exist_ok=True)
    seal()
    for choice in ["for", "against", "for", "against"]:
        vote(alice, cause, choice)
        at_once(3)
        seal(everything=True)
        assert_one_history()
