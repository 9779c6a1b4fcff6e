"""Both directions of the witness protocol; the first over real HTTP on loopback."""

from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from stimme.apps.accounts.models import User
from stimme.apps.ballot import publisher
from stimme.apps.ballot.log_keys import log_signer, witness_cosigner
from stimme.apps.ballot.models import LogHead, WitnessedLog
from stimme.apps.ballot.sealer import SealingRefused, seal
from stimme.apps.causes.models import Cause
from stimme.engines.translog import (
    Answer,
    Appended,
    Checkpoint,
    MissingResource,
    Signer,
    Tree,
    add_cosignatures,
    append,
    build_request,
    cosigned_at,
    sign,
)
from tests.house import vote
from tests.witness_server import Witness, running


@pytest.fixture
def witness(db: None, settings: Settings) -> Iterator[Witness]:
    with running(log_signer().verifier) as witness:
        config = django_settings.STIMME.model_copy(update={"witnesses": witness.pair})
        settings.STIMME = config
        yield witness


def cosignature_time(witness: Witness) -> int | None:
    return cosigned_at(publisher.published_checkpoint() or "", witness.cosigner.verifier)


def test_every_checkpoint_is_cosigned_before_it_is_published(
    witness: Witness, cause: Cause, charlie: User
) -> None:
    for choice in ["for", "against"]:
        vote(charlie, cause, choice)
        seal(everything=True)
        assert cosignature_time(witness) == 1_800_000_000
    assert witness.stored[0] == LogHead.objects.get().size == 4


def test_a_witness_that_was_away_is_brought_up_to_date(
    witness: Witness, cause: Cause, charlie: User, settings: Settings
) -> None:
    with_witness = settings.STIMME
    settings.STIMME = with_witness.model_copy(update={"witnesses": ""})
    vote(charlie, cause, "for")
    seal(everything=True)
    assert cosignature_time(witness) is None
    settings.STIMME = with_witness
    vote(charlie, cause, "against")
    seal(everything=True)
    assert cosignature_time(witness) == 1_800_000_000


@pytest.mark.parametrize(
    "lie",
    [
        Answer(200, "nonsense\n"),
        Answer(200, "— witness.example AAAAAAAAAAAAAAAAAAAA\n"),
        Answer(200, "x" * 20_000),
        Answer(500, "broken"),
    ],
)
def test_a_witness_that_lies_or_fails_is_left_out_and_stops_nobody(
    witness: Witness, cause: Cause, charlie: User, lie: Answer
) -> None:
    witness.lie = lie
    vote(charlie, cause, "for")
    assert seal(everything=True).size == 3
    assert cosignature_time(witness) is None


def test_a_witness_that_is_down_stops_nobody(cause: Cause, settings: Settings) -> None:
    with running(log_signer().verifier) as gone:
        pair = gone.pair
    settings.STIMME = django_settings.STIMME.model_copy(update={"witnesses": pair})
    assert seal(everything=True).size == 2
    assert cause.pk


def test_sealing_is_refused_when_a_witness_has_seen_more(witness: Witness, cause: Cause) -> None:
    witness.stored = (40, bytes(32))
    with pytest.raises(SealingRefused, match="has seen 40 lines"):
        seal(everything=True)
    assert LogHead.objects.get().size == 0
    assert cause.pk


OTHER = Signer.from_seed("other.example/log", b"o" * 32)


class OtherLog:
    """A log of somebody else that asks this instance to witness it."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.size = 0
        self.root = b""

    def read(self, path: str) -> bytes:
        if path not in self.files:
            raise MissingResource(path)
        return self.files[path]

    def grow(self, *entries: bytes) -> None:
        grown: Appended = append(self.read, self.size, entries)
        self.files |= grown.resources
        self.size, self.root = grown.size, grown.root

    def request(self, old: int, signer: Signer = OTHER) -> bytes:
        checkpoint = sign(Checkpoint(OTHER.name, self.size, self.root).encode(), [signer])
        proof = Tree(self.read, self.size).consistency_path(old) if old else []
        return build_request(old, proof, checkpoint)


@pytest.fixture
def other(db: None, settings: Settings) -> OtherLog:
    config = django_settings.STIMME.model_copy(update={"witness_for": OTHER.vkey})
    settings.STIMME = config
    log = OtherLog()
    log.grow(b"one", b"two", b"three")
    return log


def ask(client: Client, body: bytes) -> tuple[int, str]:
    response = client.post("/witness/add-checkpoint", body, content_type="text/plain")
    return response.status_code, response.content.decode()


def test_this_instance_cosigns_a_log_that_grows(client: Client, other: OtherLog) -> None:
    status, line = ask(client, other.request(0))
    assert status == 200
    checkpoint = sign(Checkpoint(OTHER.name, 3, other.root).encode(), [OTHER])
    note = add_cosignatures(checkpoint, line.splitlines())
    assert cosigned_at(note, witness_cosigner().verifier) is not None
    other.grow(b"four")
    assert ask(client, other.request(3))[0] == 200
    assert WitnessedLog.objects.get().size == 4


def test_this_instance_never_cosigns_two_histories(client: Client, other: OtherLog) -> None:
    assert ask(client, other.request(0))[0] == 200
    fork = OtherLog()
    fork.grow(b"one", b"TWO", b"three", b"four")
    assert ask(client, fork.request(3))[0] == 422
    assert ask(client, fork.request(0)) == (409, "3\n")
    assert WitnessedLog.objects.get().size == 3


def test_unknown_logs_forged_checkpoints_and_nonsense_are_refused(
    client: Client, other: OtherLog, settings: Settings
) -> None:
    forged = Signer.from_seed(OTHER.name, b"f" * 32)
    assert ask(client, other.request(0, forged))[0] == 403
    assert ask(client, b"old zero\n\n")[0] == 400
    settings.STIMME = django_settings.STIMME.model_copy(update={"witness_for": ""})
    assert ask(client, other.request(0))[0] == 404
    assert not WitnessedLog.objects.filter(size__gt=0).exists()
