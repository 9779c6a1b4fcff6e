import time

import pytest

from stimme import cli
from stimme.apps.accounts.models import ErasedAccounts, User
from stimme.apps.ballot import publisher
from stimme.apps.ballot.casting import Vote
from stimme.apps.ballot.log_keys import log_signer
from stimme.apps.ballot.models import (
    Box,
    Entry,
    ImportedSigners,
    Promise,
    State,
)
from stimme.apps.ballot.receipts import receipt_for
from stimme.apps.ballot.restoring import RestoringRefused, restore
from stimme.apps.ballot.sealer import SealingRefused, seal
from stimme.apps.ballot.selectors import count_of
from stimme.apps.ballot.services import cast_batch, register_imported_signers
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import close_cause
from stimme.engines.translog import Signer, audit, b64, hour_of, sign, split_note
from tests.backups import TABLES, backup, put_back, state
from tests.house import lines, start_cause, version_of, vote

pytestmark = pytest.mark.django_db


def assert_log_is_whole() -> None:
    signer = log_signer()
    report = audit(publisher.read, signer.verifier, signer.name, now=int(time.time()))
    assert report.alarms == []
    for cid, summary in report.causes.items():
        count = count_of(cid)
        assert (summary.votes_for, summary.votes_against) == (
            count.votes_for,
            count.votes_against,
        )


def test_what_was_sealed_after_the_backup_comes_back(
    cause: Cause, alice: User, bob: User, charlie: User
) -> None:
    vote(alice, cause, "for")
    vote(bob, cause, "against")
    seal(everything=True)
    old = backup()
    other = start_cause(alice, cause.organisation, "Bring back Product Y")
    vote(alice, cause, "against")
    vote(charlie, cause, "for")
    vote(charlie, other, "for")
    vote(charlie, other, "withdrawn")
    seal(everything=True)
    before = state()
    put_back(old)
    with pytest.raises(SealingRefused, match="restore-log"):
        seal()
    restored = restore()
    assert state() == before
    assert (restored.lines, restored.matched, restored.displaced) == (5, 0, 0)
    assert restored.unknown == [version_of(other).cid]
    seal(everything=True)
    assert_log_is_whole()


def test_lines_that_the_backup_holds_as_pending_get_their_index(
    cause: Cause, alice: User, charlie: User
) -> None:
    vote(alice, cause, "for")
    vote(charlie, cause, "for")
    old = backup()
    seal(everything=True)
    before = state()
    promises = Promise.objects.count()
    put_back(old)
    restored = restore()
    assert state() == before
    assert (restored.lines, restored.matched) == (4, 3)  # all but the roll
    assert Promise.objects.count() == promises


def test_a_restored_vote_has_a_promise_and_a_proof(
    cause: Cause, alice: User, charlie: User
) -> None:
    vote(alice, cause, "for")
    seal(everything=True)
    old = backup()
    vote(charlie, cause, "against")
    seal(everything=True)
    put_back(old)
    restore()
    receipt = receipt_for(user=charlie, cid=version_of(cause).cid)
    assert receipt
    assert receipt.sealed
    assert receipt.promise_file().startswith("stimme/promise@v1")
    assert receipt.proof_file()


def test_a_vote_after_the_restored_backup_follows_the_ones_before(
    cause: Cause, alice: User, charlie: User
) -> None:
    vote(charlie, cause, "for")
    seal(everything=True)
    old = backup()
    vote(charlie, cause, "withdrawn")
    vote(alice, cause, "for")
    seal(everything=True)
    put_back(old)
    vote(charlie, cause, "against")
    assert restore().displaced == 1
    seal(everything=True)
    history = sorted(tuple(line.split(" ")[4:6]) for line in lines(kind="vote"))
    assert history == [("0", "for"), ("0", "for"), ("1", "withdrawn"), ("2", "against")]
    assert_log_is_whole()


def test_a_vote_after_the_restored_backup_that_the_log_has_already_is_no_change(
    cause: Cause, charlie: User
) -> None:
    vote(charlie, cause, "for")
    seal(everything=True)
    old = backup()
    vote(charlie, cause, "against")
    vote(charlie, cause, "withdrawn")
    seal(everything=True)
    put_back(old)
    vote(charlie, cause, "withdrawn")
    assert restore().displaced == 1
    assert len(lines(kind="vote")) == 3
    assert seal(everything=True).lines == 0
    assert_log_is_whole()


def test_a_vote_of_another_seat_waits_on(cause: Cause, alice: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    seal(everything=True)
    old = backup()
    vote(charlie, cause, "against")
    seal(everything=True)
    put_back(old)
    vote(alice, cause, "for")
    assert restore().displaced == 0
    assert seal(everything=True).lines == 1
    assert_log_is_whole()


def test_a_cause_closed_in_the_log_is_closed_again(
    cause: Cause, alice: User, charlie: User
) -> None:
    vote(charlie, cause, "for")
    seal(everything=True)
    old = backup()
    close_cause(by=alice, cause=cause)
    seal(everything=True)
    put_back(old)
    restored = restore()
    assert restored.closed == [version_of(cause).cid]
    assert Box.objects.get().state == State.CLOSED


def test_votes_after_the_restored_backup_do_not_enter_a_box_that_was_closed(
    cause: Cause, alice: User, bob: User, charlie: User
) -> None:
    vote(bob, cause, "for")
    vote(charlie, cause, "for")
    seal(everything=True)
    old = backup()
    vote(charlie, cause, "against")
    close_cause(by=alice, cause=cause)
    seal(everything=True)
    before = state()
    put_back(old)
    Cause.objects.filter(pk=cause.pk).update(state="open", closed_at=None)
    vote(alice, cause, "for")
    vote(bob, cause, "against")
    vote(charlie, cause, "withdrawn")
    assert restore().displaced == 3
    assert state() == before
    assert seal(everything=True).lines == 0
    assert_log_is_whole()


def test_signers_and_accounts_that_the_database_lost_stay_on_the_roll(
    cause: Cause, alice: User, charlie: User
) -> None:
    seal(everything=True)
    old = backup()
    vote(charlie, cause, "for")
    register_imported_signers(source="list", number=3)
    signers = [b64(bytes([number]) * 16) for number in range(3)]
    cid, hour = version_of(cause).cid, hour_of(version_of(cause).published_at)
    cast_batch([Vote(cid, signer, "for", 9, hour) for signer in signers])
    seal(everything=True)
    put_back(old)
    User.objects.filter(pk=charlie.pk).delete()
    restore()
    assert ImportedSigners.objects.get().number == 3
    assert ErasedAccounts.objects.get().number == 1
    assert seal(everything=True).lines == 0
    assert_log_is_whole()


def test_restoring_twice_changes_nothing(cause: Cause, alice: User) -> None:
    vote(alice, cause, "for")
    seal(everything=True)
    before = state()
    assert restore().lines == 0
    assert state() == before


def test_an_empty_database_takes_the_whole_log(cause: Cause, alice: User) -> None:
    vote(alice, cause, "for")
    seal(everything=True)
    before = state()
    put_back([[]] * len(TABLES))
    restore()
    assert state() == before


def test_a_published_log_with_another_history_is_refused_by_its_first_line(
    cause: Cause, alice: User, charlie: User
) -> None:
    vote(alice, cause, "for")
    seal(everything=True)
    old = backup()
    vote(charlie, cause, "for")
    seal(everything=True)
    put_back(old)
    Entry.objects.filter(log_index=2).update(text="s1 close x")
    before = state()
    with pytest.raises(RestoringRefused, match="line 2 is"):
        restore()
    assert state() == before


def test_a_checkpoint_of_another_key_is_refused(cause: Cause, alice: User) -> None:
    vote(alice, cause, "for")
    seal(everything=True)
    put_back([[]] * len(TABLES))
    text = split_note(publisher.published_checkpoint() or "")[0]
    forged = sign(text, [Signer.from_seed(log_signer().name, bytes(32))])
    publisher.write({"checkpoint": forged.encode()})
    with pytest.raises(RestoringRefused, match="no signature of a key we know"):
        restore()
    assert len(lines()) == 0


def test_entries_that_do_not_lead_to_the_signed_root_are_refused(cause: Cause, alice: User) -> None:
    vote(alice, cause, "for")
    seal(everything=True)
    put_back([[]] * len(TABLES))
    path = "tile/entries/000.p/3"
    publisher.write({path: publisher.read(path).replace(b" for ", b" Four"[:5])})
    with pytest.raises(RestoringRefused, match="do not lead to the signed root"):
        restore()
    assert len(lines()) == 0


def test_the_command_closes_the_cause_and_says_what_is_lost(
    cause: Cause, alice: User, charlie: User, capsys: pytest.CaptureFixture[str]
) -> None:
    vote(charlie, cause, "for")
    seal(everything=True)
    old = backup()
    other = start_cause(alice, cause.organisation, "Bring back Product Y")
    vote(charlie, other, "for")
    vote(charlie, cause, "against")
    close_cause(by=alice, cause=cause)
    seal(everything=True)
    put_back(old)
    Cause.objects.filter(pk=cause.pk).update(state="open", closed_at=None)
    vote(charlie, cause, "withdrawn")
    assert cli.run(["restore-log"]) == 0
    restored, unknown, displaced = capsys.readouterr().out.splitlines()
    assert restored == "Restored 5 lines; the database holds the log of 8."
    assert unknown == (
        f"The texts of these demands are lost; their votes are counted: {version_of(other).cid}."
    )
    assert ": 1. They follow the restored ones" in displaced
    assert displaced.startswith("Votes cast since the backup was restored that cannot")
    assert Cause.objects.get(pk=cause.pk).state == "closed"
    assert cli.run(["restore-log"]) == 0
    assert capsys.readouterr().out == "Restored 0 lines; the database holds the log of 8.\n"


def test_the_command_says_why_it_refuses(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["restore-log"]) == 1
    told = "stimme: There is no published log to restore from.\n"
    assert capsys.readouterr().err == told
