import pytest
from django.test import Client

from stimme.apps.ballot import publisher
from stimme.apps.ballot.log_keys import log_signer, receipt_signer
from stimme.apps.ballot.sealer import seal

pytestmark = pytest.mark.django_db


def test_the_sealer_publishes_the_keys_that_the_server_serves(client: Client) -> None:
    seal()
    keys = publisher.read("keys")
    assert keys.decode().splitlines() == [log_signer().vkey, receipt_signer().vkey]
    assert client.get("/log/keys").content == keys


def test_keys_that_are_missing_are_published_by_the_next_sealing(db: None) -> None:
    seal()
    (publisher.directory() / "keys").unlink()
    seal()
    assert publisher.read("keys")
