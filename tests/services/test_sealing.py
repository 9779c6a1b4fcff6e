import shutil
import time

import pytest
from django.conf import settings

from stimme.apps.accounts.models import User
from stimme.apps.ballot import publisher, sealer
from stimme.apps.ballot.log_keys import log_signer, receipt_signer
from stimme.apps.ballot.models import Entry, LogHead, PendingLine
from stimme.apps.ballot.receipts import receipt_for
from stimme.apps.ballot.sealer import SealingRefused, seal
from stimme.apps.ballot.witnesses import Round, ask_witnesses
from stimme.apps.causes.models import Cause
from stimme.engines.translog import (
    EMPTY_ROOT,
    Checkpoint,
    PromiseFile,
    Proof,
    Signer,
    Tree,
    Verifier,
    open_checkpoint,
    sign,
    verify_promise,
    verify_proof,
)
from tests.house import version_of, vote

pytestmark = pytest.mark.django_db
ORIGIN = settings.STIMME.origin


def published() -> list[str]:
    note = publisher.published_checkpoint()
    assert note
    checkpoint = open_checkpoint(note, Verifier.from_vkey(log_signer().vkey), ORIGIN)
    tree = Tree(publisher.read, checkpoint.size)
    assert tree.root() == checkpoint.root
    return [entry.decode() for entry in tree.entries(0, checkpoint.size)]


def test_sealing_publishes_what_was_pending(cause: Cause, alice: User, charlie: User) -> None:
    vote(alice, cause, "for")
    vote(charlie, cause, "against")
    sealed = seal(everything=True)
    lines = published()
    assert sealed.lines == sealed.size == len(lines)
    kinds = [line.split(" ")[1] for line in lines]
    assert sorted(kinds) == ["cause", "roll", "vote", "vote"]
    assert kinds[-2:] == ["vote", "vote"]  # after the cause, whatever their hashes


def test_an_empty_log_has_a_checkpoint_of_size_0() -> None:
    assert seal(everything=True).size == 0
    assert published() == []


def test_of_each_seat_a_batch_takes_one_line(cause: Cause, charlie: User) -> None:
    for choice in ["for", "against", "for"]:
        vote(charlie, cause, choice)
    seal(everything=True)
    votes = [line for line in published() if line.startswith("s1 vote")]
    assert [line.split(" ")[4] for line in votes] == ["0", "1", "2"]


def test_a_close_line_comes_after_every_vote_of_its_cause(
    cause: Cause, alice: User, charlie: User
) -> None:
    from stimme.apps.causes.services import close_cause

    for choice in ["for", "against", "for"]:
        vote(charlie, cause, choice)
    close_cause(by=alice, cause=cause)
    seal(everything=True)
    kinds = [line.split(" ")[1] for line in published()]
    assert kinds[-1] == "close"


def test_a_batch_too_small_to_hide_its_voters_waits(cause: Cause, charlie: User) -> None:
    vote(charlie, cause, "for")
    assert seal().lines == 0
    assert published() == []


def test_a_small_batch_is_sealed_before_its_promise_would_be_broken(
    cause: Cause, charlie: User
) -> None:
    vote(charlie, cause, "for")
    PendingLine.objects.filter(kind="vote").update(
        deadline=int(time.time()) + settings.STIMME.seal_interval
    )
    assert seal().lines == 3


def test_a_large_enough_batch_is_sealed_at_once(cause: Cause) -> None:
    for number in range(settings.STIMME.seal_min_batch):
        vote(User.objects.create_user(f"voter{number}@example.org"), cause, "for")
    assert seal().size == settings.STIMME.seal_min_batch + 2


def test_lines_of_no_voter_do_not_wait(cause: Cause) -> None:
    assert seal().lines == 2  # the cause, and the roll of accounts


def test_promise_and_proof_verify_with_the_published_keys(cause: Cause, charlie: User) -> None:
    vote(charlie, cause, "for")
    cid = version_of(cause).cid
    receipt = receipt_for(user=charlie, cid=cid)
    assert receipt
    assert receipt.proof_file() is None
    promise = PromiseFile.parse(receipt.promise_file())
    promised = verify_promise(promise, Verifier.from_vkey(receipt_signer().vkey), ORIGIN)
    assert promised.line == receipt.text
    seal(everything=True)
    receipt = receipt_for(user=charlie, cid=cid)
    assert receipt
    assert receipt.sealed
    proof = Proof.parse(receipt.proof_file() or "")
    verifier = Verifier.from_vkey(log_signer().vkey)
    assert verify_proof(proof, receipt.text.encode(), verifier, ORIGIN).size == 3


class PowerCut(Exception):
    pass


def test_what_an_interrupted_sealing_left_is_published_by_the_next(
    cause: Cause, charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal()
    vote(charlie, cause, "for")

    def power_cut(_resources: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(publisher, "write", power_cut)
        with pytest.raises(PowerCut):
            seal(everything=True)
    assert len(published()) == LogHead.objects.get().size - 1
    assert seal().lines == 0
    assert len(published()) == LogHead.objects.get().size


def test_sealing_is_refused_when_the_published_log_is_ahead(cause: Cause, alice: User) -> None:
    vote(alice, cause, "for")
    seal(everything=True)
    head = LogHead.objects.get()
    Entry.objects.filter(log_index__gte=1).delete()
    LogHead.objects.update(size=1)
    with pytest.raises(SealingRefused, match="restore-log"):
        seal()
    assert head.size == 3


def test_sealing_is_refused_under_another_name() -> None:
    seal()
    LogHead.objects.update(origin="elsewhere.example/log")
    with pytest.raises(SealingRefused, match="keeps its name"):
        seal()


def test_one_person_who_changes_often_is_no_crowd(cause: Cause, charlie: User) -> None:
    seal()
    for number in range(settings.STIMME.seal_min_batch):
        vote(charlie, cause, ["for", "against"][number % 2])
    vote(charlie, cause, "withdrawn")
    assert seal().lines == 0


def test_all_changes_of_a_seat_share_a_checkpoint(
    cause: Cause, alice: User, charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal()
    for choice in ["for", "against", "withdrawn"] * 5:
        vote(charlie, cause, choice)
    vote(alice, cause, "for")
    notes: list[str] = []

    def remembered(note: str) -> Round:
        notes.append(note)
        return ask_witnesses(note)

    monkeypatch.setattr(sealer, "ask_witnesses", remembered)
    assert seal(everything=True).lines == 16
    assert [publisher.size_of(note) for note in notes] == [2, 18]
    numbers = [int(line.split(" ")[4]) for line in published() if line.startswith("s1 vote")]
    assert sorted(numbers[:2]) == [0, 0]
    assert numbers[2:] == list(range(1, 15))


@pytest.mark.parametrize("damage", [b"", b"?" * 96, None], ids=["cut", "changed", "gone"])
@pytest.mark.parametrize("path", ["tile/0/000.p/3", "tile/entries/000.p/3"])
def test_damaged_files_are_written_again_and_never_built_upon(
    cause: Cause, alice: User, charlie: User, path: str, damage: bytes | None
) -> None:
    vote(charlie, cause, "for")
    seal(everything=True)
    file = publisher.directory() / path
    good = file.read_bytes()
    if damage is None:
        file.unlink()
    else:
        file.write_bytes(damage)
    vote(alice, cause, "against")
    assert seal(everything=True).lines == 1
    assert file.read_bytes() == good
    assert len(published()) == 4


def test_a_lost_directory_is_rendered_again(cause: Cause, charlie: User) -> None:
    vote(charlie, cause, "for")
    seal(everything=True)
    lines, note = published(), publisher.published_checkpoint()
    shutil.rmtree(publisher.directory())
    assert seal().lines == 0
    assert (published(), publisher.published_checkpoint()) == (lines, note)


def test_sealing_is_refused_where_another_history_was_published(
    cause: Cause, charlie: User
) -> None:
    vote(charlie, cause, "for")
    seal(everything=True)
    other = sign(Checkpoint(ORIGIN, 3, bytes(32)).encode(), [log_signer()])
    publisher.write({publisher.CHECKPOINT: other.encode()})
    with pytest.raises(SealingRefused, match="different histories"):
        seal()
    assert publisher.published_checkpoint() == other


def test_sealing_is_refused_where_a_shorter_other_history_was_published(
    cause: Cause, charlie: User
) -> None:
    vote(charlie, cause, "for")
    seal(everything=True)
    other = sign(Checkpoint(ORIGIN, 2, bytes(32)).encode(), [log_signer()])
    publisher.write({publisher.CHECKPOINT: other.encode()})
    with pytest.raises(SealingRefused, match="different histories"):
        seal()
    assert publisher.published_checkpoint() == other


def test_sealing_is_refused_with_other_keys() -> None:
    seal()
    stranger = Signer.from_seed(ORIGIN, bytes(32))
    LogHead.objects.update(checkpoint=sign(Checkpoint(ORIGIN, 0, EMPTY_ROOT).encode(), [stranger]))
    with pytest.raises(SealingRefused, match="keeps its keys"):
        seal()
