"""Our instance as a witness for the logs of others."""

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from stimme.apps.ballot.log_keys import witness_cosigner
from stimme.apps.ballot.models import WitnessedLog
from stimme.engines.translog import (
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
