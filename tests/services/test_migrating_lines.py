"""A database of the first release, in which one table held all lines, is carried over whole."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.apps.registry import Apps
from django.conf import settings
from django.db import connection
from django.db.migrations import RunPython
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.executor import MigrationExecutor

from stimme.apps.accounts.models import User
from stimme.apps.ballot.casting import Cast, Vote
from stimme.apps.ballot.entries import entry_of_code
from stimme.apps.ballot.log_keys import log_signer, receipt_signer
from stimme.apps.ballot.models import Entry, PendingLine, Seat
from stimme.apps.ballot.receipts import Receipt, receipt_of
from stimme.apps.ballot.recounting import wrong_tallies
from stimme.apps.ballot.selectors import count_of
from stimme.apps.ballot.services import cast_batch
from stimme.apps.ballot.tables import SeatKey
from stimme.engines.translog import (
    CauseLine,
    Checkpoint,
    CloseLine,
    PromisedBatch,
    PromiseFile,
    Proof,
    TextLine,
    VoteLine,
    b64,
    document_hash,
    leaf_hash,
    root_of,
    short_code,
    sign,
    verify_promise,
    verify_proof,
)
from tests.auditing import audited
from tests.house import lines

pytestmark = pytest.mark.django_db(transaction=True)
FIRST, MOVING = ("ballot", "0001_initial"), ("ballot", "0003_move_lines")
HOUR, LATER = "2026-11-20T09Z", "2026-11-22T18Z"
DEADLINE = 1_795_000_000
OPEN, CLOSED = (b64(bytes([number]) * 16) for number in (1, 2))
OF_PEOPLE = {"vote", "text", "close"}  # the sealer adds lines of its own
ANNA, BEN, CLEO, DORA = (b64(bytes([number]) * 16) for number in (3, 4, 5, 6))


@pytest.fixture
def old(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Apps]:
    """The tables as they were, empty; afterwards they are as they are now again.

    Moving the lines cannot be undone. Here there are none, so the way back is opened.
    """
    executor = MigrationExecutor(connection)
    [move] = executor.loader.get_migration(*MOVING).operations
    with monkeypatch.context() as patch:
        patch.setattr(move, "reverse_code", RunPython.noop)
        executor.migrate([FIRST])
    yield executor.loader.project_state([FIRST]).apps
    migrate()


def migrate() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@dataclass
class OldBallot:
    """Writes rows as the ballot of the first release did."""

    apps: Apps
    pending: list[Any] = field(default_factory=list)
    sealed: list[str] = field(default_factory=list)
    # The promise file that each line was answered with.
    promises: dict[str, str] = field(default_factory=dict)

    def objects(self, name: str) -> Any:  # noqa: ANN401  a model as it was
        return self.apps.get_model("ballot", name).objects

    def write(self, line: CauseLine | CloseLine | TextLine) -> None:
        row = self.objects("Line").create(cid=line.cid, kind=line.WORD, text=str(line))
        self.pending.append(row)

    def commit(self, *votes: VoteLine) -> None:
        """Votes that share a promise."""
        leaves = [leaf_hash(str(vote).encode()) for vote in votes]
        promise = self.objects("Promise").create(deadline=DEADLINE, leaves=b"".join(leaves))
        batch = PromisedBatch(receipt_signer(), settings.STIMME.origin, leaves, DEADLINE)
        for index, vote in enumerate(votes):
            key, text = {"cid": vote.cid, "p": vote.pseudonym}, str(vote)
            line = {"kind": "vote", "text": text, "promise": promise, "promise_index": index}
            self.pending.append(self.objects("Line").create(**key, seq=vote.seq, **line))
            now = {"seq": vote.seq, "choice": vote.choice, "level": int(vote.level)}
            self.objects("Seat").update_or_create(**key, defaults=now)
            self.promises[text] = batch.file(text, index)

    def seal(self) -> None:
        """Seal what is pending: causes first, and the lines of a seat in their order."""
        for line in sorted(self.pending, key=lambda one: (one.kind == "vote", one.seq, -one.pk)):
            line.log_index, line.code = len(self.sealed), short_code(line.text)
            line.save()
            self.sealed.append(line.text)
        self.pending = []
        root = root_of([leaf_hash(text.encode()) for text in self.sealed])
        checkpoint = Checkpoint(settings.STIMME.origin, len(self.sealed), root)
        note = sign(checkpoint.encode(), [log_signer()])
        told = {"origin": checkpoint.origin, "size": checkpoint.size, "checkpoint": note}
        self.objects("LogHead").create(id=1, root=checkpoint.encode().split("\n")[2], **told)

    def count(self) -> None:
        columns = {"for": "votes_for", "against": "votes_against", "withdrawn": "withdrawn"}
        seats = Counter((s.cid, s.level, s.choice) for s in self.objects("Seat").all())
        for (cid, level, choice), number in seats.items():
            row, _ = self.objects("Tally").get_or_create(cid=cid, level=level)
            setattr(row, columns[choice], number)
            row.save()


def a_vote(p: str, seq: int, choice: str, *, level: int = 0, cid: str = OPEN) -> VoteLine:
    return VoteLine(cid, p, seq, choice, str(level), HOUR)


@pytest.fixture
def ballot(old: Apps) -> OldBallot:
    """Two boxes; of the lines of the open one, some are sealed and some are not."""
    for name in ["anna", "ben", "cleo"]:
        User.objects.create_user(f"{name}@example.org")
    ballot = OldBallot(old)
    ballot.objects("ImportedSigners").create(source="list", number=1)
    for cid, state in [(OPEN, "open"), (CLOSED, "closed")]:
        ballot.objects("Box").create(cid=cid, state=state)
        ballot.write(CauseLine(cid, document_hash(cid.encode()), HOUR))
    ballot.commit(a_vote(ANNA, 0, "for"), a_vote(BEN, 0, "against"))
    ballot.commit(a_vote(ANNA, 1, "against"), a_vote(ANNA, 0, "for", cid=CLOSED))
    ballot.seal()
    ballot.commit(a_vote(BEN, 1, "withdrawn"), a_vote(CLEO, 0, "for"))
    ballot.write(TextLine("response", OPEN, b64(bytes(32)), HOUR))
    ballot.commit(a_vote(CLEO, 1, "against"), a_vote(DORA, 0, "for", level=9))
    ballot.write(CloseLine(CLOSED, HOUR))
    ballot.count()
    return ballot


LATEST = {
    (OPEN, ANNA): a_vote(ANNA, 1, "against"),
    (OPEN, BEN): a_vote(BEN, 1, "withdrawn"),
    (OPEN, CLEO): a_vote(CLEO, 1, "against"),
    (OPEN, DORA): a_vote(DORA, 0, "for", level=9),
    (CLOSED, ANNA): a_vote(ANNA, 0, "for", cid=CLOSED),
}


def receipt(seat: SeatKey) -> Receipt:
    found = receipt_of(seat)
    assert found
    return found


def test_every_line_stays_pending_or_sealed_where_it_was(ballot: OldBallot) -> None:
    expected = [
        (one.cid, one.p, one.kind, one.text, DEADLINE if one.kind == "vote" else None)
        for one in ballot.pending
    ]
    migrate()
    pending = PendingLine.objects.order_by("id")
    assert list(pending.values_list("cid", "p", "kind", "text", "deadline")) == expected
    entries = list(Entry.objects.order_by("log_index"))
    assert [(one.log_index, one.text) for one in entries] == list(enumerate(ballot.sealed))
    assert [(one.kind, one.cid) for one in entries] == [
        tuple(text.split(" ")[1:3]) for text in ballot.sealed
    ]
    assert [entry_of_code(short_code(text)) for text in ballot.sealed] == entries


def test_every_seat_holds_its_latest_line(ballot: OldBallot) -> None:
    migrate()
    assert {(seat.cid, seat.p): seat.line for seat in Seat.objects.all()} == LATEST
    assert set(Seat.objects.values_list("bound_to", "rekeys", "annulled", "changes")) == {
        ("", 0, "", 1)
    }


def test_the_count_is_the_same(ballot: OldBallot) -> None:
    migrate()
    levels = [
        (one.level, one.votes_for, one.votes_against, one.withdrawn, one.keyed)
        for one in count_of(OPEN).levels
    ]
    assert levels == [(0, 0, 2, 1, 0), (9, 1, 0, 0, 0)]
    assert (count_of(CLOSED).votes_for, count_of(CLOSED).voters) == (1, 1)
    assert wrong_tallies() == []


def test_promises_that_were_given_are_given_again_and_hold(ballot: OldBallot) -> None:
    migrate()
    for seat, line in LATEST.items():
        file = receipt(seat).promise_file()
        assert file == ballot.promises[str(line)]
        promise = PromiseFile.parse(file)
        verify_promise(promise, receipt_signer().verifier, settings.STIMME.origin)


def test_the_log_goes_on_and_proves_every_receipt(ballot: OldBallot) -> None:
    migrate()
    audited()
    log = lines()
    assert log[: len(ballot.sealed)] == ballot.sealed
    added = [line for line in log[len(ballot.sealed) :] if line.split(" ")[1] in OF_PEOPLE]
    assert sorted(added) == sorted(line.text for line in ballot.pending)
    for seat, line in LATEST.items():
        proof = Proof.parse(receipt(seat).proof_file() or "")
        verify_proof(proof, str(line).encode(), log_signer().verifier, settings.STIMME.origin)


def test_votes_go_on_where_they_were(ballot: OldBallot) -> None:
    migrate()
    [result] = cast_batch([Vote(OPEN, ANNA, "for", 0, LATER)])
    assert isinstance(result, Cast)
    assert result.line == f"s1 vote {OPEN} {ANNA} 2 for 0 {LATER} - -"
    audited()


def test_an_empty_database_is_carried_over(old: Apps) -> None:
    migrate()
    assert [model.objects.count() for model in (PendingLine, Entry, Seat)] == [0, 0, 0]


def test_there_is_no_way_back_that_would_lose_the_lines(ballot: OldBallot) -> None:
    migrate()
    with pytest.raises(IrreversibleError):
        MigrationExecutor(connection).migrate([FIRST])
    assert Entry.objects.count() == len(ballot.sealed)
