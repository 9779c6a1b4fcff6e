"""Our witnesses, over real HTTP on loopback: honest, away, slow, behind, ahead and lying ones."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from prometheus_client import REGISTRY
from pytest_django import Settings

from stimme.apps.accounts.models import User
from stimme.apps.ballot import publisher, witnesses
from stimme.apps.ballot.log_keys import log_signer
from stimme.apps.ballot.models import AskedWitness, LogHead, PendingLine
from stimme.apps.ballot.sealer import SealingRefused, seal
from stimme.apps.ballot.witnesses import state
from stimme.apps.causes.models import Cause
from stimme.engines.translog import (
    EMPTY_ROOT,
    AddCheckpoint,
    Answer,
    Checkpoint,
    cosigned_at,
    sign,
    split_note,
)
from tests.house import vote
from tests.witness_server import NOW, Witness, dripping, policy_file, running

TWO_OF_THREE = "group G 2 w0 w1 w2\nquorum G"


@pytest.fixture
def three(db: None) -> Iterator[list[Witness]]:
    with ExitStack() as stack:
        verifier = log_signer().verifier
        names = ["one.example", "two.example", "three.example"]
        yield [stack.enter_context(running(verifier, name)) for name in names]


@pytest.fixture
def use(settings: Settings, tmp_path: Path) -> Callable[..., None]:
    """Set the policy of the instance: its last lines, and who its witnesses are."""

    def set_policy(quorum: str, *asked: Witness) -> None:
        path = policy_file(tmp_path, quorum, *asked)
        settings.STIMME = django_settings.STIMME.model_copy(update={"witness_policy": path})

    return set_policy


Use = Callable[..., None]


def signers() -> list[str]:
    """Who has signed the published checkpoint, beside the log."""
    note = publisher.published_checkpoint() or ""
    return [one.name for one in split_note(note)[1]][1:]


def standings() -> dict[str, str]:
    found = state()
    assert found
    return {one.name: one.standing for one in found.witnesses}


def metrics() -> dict[str, float | None]:
    """What a monitoring system reads of the last round."""
    names = ["one.example", "two.example", "three.example"]
    read = REGISTRY.get_sample_value
    cosigned = {name: read("stimme_witness_cosigned", {"witness": name}) for name in names}
    return {**cosigned, "quorum": read("stimme_witness_quorum")}


def size() -> int:
    return publisher.size_of(publisher.published_checkpoint())


def test_every_checkpoint_is_cosigned_before_it_is_published(
    three: list[Witness], use: Use, cause: Cause, charlie: User
) -> None:
    use("group G all w0 w1 w2\nquorum G", *three)
    for choice in ["for", "against"]:
        vote(charlie, cause, choice)
        seal(everything=True)
        note = publisher.published_checkpoint() or ""
        assert [cosigned_at(note, one.cosigner.verifier) for one in three] == [NOW] * 3
    assert [one.stored[0] for one in three] == [LogHead.objects.get().size] * 3 == [4] * 3
    found = state()
    assert found
    assert (found.quorum, found.reached) == ("G", True)


def test_without_a_policy_nobody_is_asked(cause: Cause) -> None:
    assert seal(everything=True).held_back == ""
    assert (signers(), state()) == ([], None)


def test_without_a_quorum_the_checkpoint_bears_what_came(
    three: list[Witness], use: Use, cause: Cause
) -> None:
    three[1].lie = refusing
    use("quorum none", *three)
    assert seal(everything=True).held_back == ""
    assert signers() == ["one.example", "three.example"]


def refusing(_request: AddCheckpoint) -> Answer:
    return Answer(404, "This witness does not know the origin.\n")


def test_a_quorum_does_without_the_others(three: list[Witness], use: Use, cause: Cause) -> None:
    use(TWO_OF_THREE, *three)
    three[0].lie = refusing
    assert (seal(everything=True).held_back, size()) == ("", 2)
    assert signers() == ["two.example", "three.example"]
    assert metrics() == {"one.example": 0, "two.example": 1, "three.example": 1, "quorum": 1}
    assert standings() == {
        "one.example": "refusing",
        "two.example": "cosigned",
        "three.example": "cosigned",
    }


def test_a_missing_quorum_holds_the_checkpoint_back_until_it_is_there(
    three: list[Witness], use: Use, cause: Cause, alice: User, charlie: User
) -> None:
    use(TWO_OF_THREE, *three)
    seal(everything=True)
    before = publisher.published_checkpoint()
    vote(charlie, cause, "for")
    three[0].lie = three[1].lie = refusing
    held_back = seal(everything=True)
    assert "the quorum 'G' is not reached (one.example is refusing: " in held_back.held_back
    assert publisher.published_checkpoint() == before
    assert metrics() == {"one.example": 0, "two.example": 0, "three.example": 1, "quorum": 0}
    vote(alice, cause, "for")
    assert seal(everything=True).lines == 0
    assert (LogHead.objects.get().size, PendingLine.objects.count()) == (3, 1)
    three[1].lie = None
    assert (seal(everything=True).held_back, size()) == ("", 4)
    assert not PendingLine.objects.exists()


def test_cosignatures_of_one_checkpoint_add_up_over_several_rounds(
    three: list[Witness], use: Use, cause: Cause, charlie: User
) -> None:
    use(TWO_OF_THREE, *three)
    seal(everything=True)
    vote(charlie, cause, "for")
    three[0].lie = three[1].lie = refusing
    assert seal(everything=True).held_back
    three[0].lie, three[2].lie = None, refusing
    assert seal(everything=True).held_back == ""
    assert signers() == ["one.example", "three.example"]


def test_a_witness_that_was_away_is_added_without_a_new_line(
    three: list[Witness], use: Use, cause: Cause
) -> None:
    use(TWO_OF_THREE, *three)
    three[0].lie = refusing
    sealed = seal(everything=True)
    three[0].lie = None
    assert seal().size == sealed.size
    assert signers() == ["one.example", "two.example", "three.example"]
    note = publisher.published_checkpoint()
    seal()
    assert publisher.published_checkpoint() == note


def test_a_witness_that_is_behind_is_sent_the_proof_from_where_it_is(
    three: list[Witness], use: Use, cause: Cause, alice: User, charlie: User
) -> None:
    use("quorum none", three[0])
    seal(everything=True)
    use("quorum none")
    for person in [alice, charlie]:
        vote(person, cause, "for")
        seal(everything=True)
    three[0].old_sizes.clear()
    use("quorum w0", three[0])
    assert seal().held_back == ""
    assert (three[0].old_sizes, three[0].stored[0]) == ([4, 2], 4)


def test_a_witness_that_is_down_is_told(three: list[Witness], use: Use, cause: Cause) -> None:
    with running(log_signer().verifier) as gone:
        use("quorum none", gone, three[1])
    assert seal(everything=True).held_back == ""
    assert standings() == {"witness.example": "down", "two.example": "cosigned"}


def test_slow_witnesses_are_not_waited_for(
    three: list[Witness], use: Use, cause: Cause, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witnesses, "SECONDS", 1)
    with dripping() as url:
        three[0].url = url
        three[1].patience.clear()
        use("quorum w2", *three)
        assert seal(everything=True).held_back == ""
        assert standings() == {
            "one.example": "slow",
            "two.example": "slow",
            "three.example": "cosigned",
        }
        # In several rounds it was asked once: it has not answered yet.
        assert len(three[1].old_sizes) == 1


@pytest.mark.parametrize(
    "lie",
    [
        Answer(200, "nonsense\n"),
        Answer(200, ""),
        Answer(200, "— one.example AAAAAAAAAAAAAAAAAAAA\n"),
        Answer(200, "x" * 20_000),
        Answer(409, "what?\n"),
        Answer(409, "9" * 30),
        Answer(422, "I do not believe it.\n"),
    ],
)
def test_a_witness_that_answers_nonsense_is_left_out(
    three: list[Witness], use: Use, cause: Cause, lie: Answer
) -> None:
    three[0].lie = lambda _request: lie
    use("quorum none", *three[:2])
    empty = Checkpoint(log_signer().name, 0, EMPTY_ROOT).encode()
    round_ = witnesses.ask_witnesses(sign(empty, [log_signer()]))
    assert standings() == {"one.example": "lying", "two.example": "cosigned"}
    assert [one.name for one in split_note(round_.checkpoint)[1]][1:] == ["two.example"]


@pytest.mark.parametrize("status", [500, 503, 301])
def test_a_witness_in_trouble_counts_as_down(
    three: list[Witness], use: Use, cause: Cause, status: int
) -> None:
    three[0].lie = lambda _request: Answer(status, "trouble")
    use("quorum none", three[0])
    assert seal(everything=True).held_back == ""
    assert standings() == {"one.example": "down"}


def test_a_cosignature_for_another_root_does_not_count(
    three: list[Witness], use: Use, cause: Cause
) -> None:
    def lie(request: AddCheckpoint) -> Answer:
        text = Checkpoint(request.origin, request.content.size, bytes(32)).encode()
        other = sign(text, [log_signer()])
        return Answer(200, f"{three[0].cosigner.cosign(other, NOW)}\n")

    three[0].lie = lie
    use("quorum w0", three[0])
    assert seal(everything=True).held_back
    assert standings() == {"one.example": "lying"}
    assert publisher.published_checkpoint() is None


def test_lines_of_keys_that_nobody_asked_for_are_ignored(
    three: list[Witness], use: Use, cause: Cause
) -> None:
    def both(request: AddCheckpoint) -> Answer:
        lines = [one.cosigner.cosign(request.checkpoint, NOW) for one in three[:2]]
        return Answer(200, "".join(f"{line}\n" for line in lines))

    three[0].lie = both
    use("quorum w0", three[0])
    assert seal(everything=True).held_back == ""
    assert signers() == ["one.example"]


def test_sealing_is_refused_when_a_witness_has_seen_more(
    three: list[Witness], use: Use, cause: Cause, charlie: User
) -> None:
    use("quorum none", *three)
    seal(everything=True)
    vote(charlie, cause, "for")
    three[1].stored = (40, bytes(32))
    with pytest.raises(SealingRefused, match=r"two.example has seen 40 lines .* restore-log"):
        seal(everything=True)
    assert (LogHead.objects.get().size, size()) == (2, 2)
    assert standings()["two.example"] == "ahead"


def test_sealing_is_refused_when_a_witness_has_seen_another_root_of_our_size(
    three: list[Witness], use: Use, cause: Cause, charlie: User
) -> None:
    use("quorum none", *three)
    seal(everything=True)
    vote(charlie, cause, "for")
    three[1].stored = (2, bytes(32))
    with pytest.raises(SealingRefused, match="seen another history of the first 2 lines"):
        seal(everything=True)
    assert (LogHead.objects.get().size, size()) == (2, 2)
    assert standings()["two.example"] == "forked"


def test_sealing_is_refused_when_a_proof_does_not_lead_on_from_what_a_witness_saw(
    three: list[Witness], use: Use, cause: Cause, charlie: User
) -> None:
    use("quorum none")
    vote(charlie, cause, "for")
    seal(everything=True)
    use("quorum none", three[0])
    three[0].stored = (2, bytes(32))
    with pytest.raises(SealingRefused, match="seen another history of the first 2 lines"):
        seal(everything=True)


def test_our_own_damaged_files_are_not_blamed_on_a_witness(
    three: list[Witness], use: Use, cause: Cause, charlie: User
) -> None:
    use("quorum none", three[0])
    seal(everything=True)
    vote(charlie, cause, "for")
    use("quorum none")
    seal(everything=True)
    use("quorum none", three[0])
    tile = publisher.read("tile/0/000.p/3")
    publisher.write({"tile/0/000.p/3": bytes(32) + tile[32:]})
    note = publisher.published_checkpoint()
    assert note
    witnesses.ask_witnesses(note)
    assert standings() == {"one.example": "unproven"}


def test_a_witness_that_is_no_longer_in_the_policy_is_forgotten(
    three: list[Witness], use: Use, cause: Cause
) -> None:
    use("quorum none", *three)
    seal(everything=True)
    use("quorum w0", three[0])
    assert standings() == {"one.example": "cosigned"}
    assert AskedWitness.objects.count() == 3
