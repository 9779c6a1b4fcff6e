"""The page of the log tells how its witnesses stood when they were last asked."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from stimme.apps.ballot.log_keys import log_signer
from stimme.apps.ballot.models import AskedWitness, Standing
from stimme.apps.ballot.sealer import seal
from stimme.apps.causes.models import Cause
from tests.witness_server import policy_file, running

pytestmark = pytest.mark.django_db


def text_of(client: Client) -> str:
    response = client.get("/log/", headers={"accept-language": "en"})
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_without_witnesses_nothing_is_told_of_any(client: Client, cause: Cause) -> None:
    seal(everything=True)
    assert "What the witnesses last answered" not in text_of(client)


def test_every_standing_has_words(
    client: Client, cause: Cause, settings: Settings, tmp_path: Path
) -> None:
    with running(log_signer().verifier) as witness:
        path = policy_file(tmp_path, "quorum w0", witness)
        settings.STIMME = django_settings.STIMME.model_copy(update={"witness_policy": path})
        seal(everything=True)
    text = text_of(client)
    assert "What the witnesses last answered" in text
    assert "witness.example has signed the newest checkpoint" in text
    assert "Not enough of them have signed." not in text
    for standing in Standing:
        AskedWitness.objects.update(standing=standing)
        said = "Not enough of them have signed." in text_of(client)
        assert said == (standing != Standing.COSIGNED)


def test_a_policy_that_broke_later_leaves_the_page_whole(
    client: Client, cause: Cause, settings: Settings, tmp_path: Path
) -> None:
    seal(everything=True)
    path = tmp_path / "policy"
    path.write_text("quorum nobody\n")
    settings.STIMME = django_settings.STIMME.model_copy(update={"witness_policy": str(path)})
    assert "What the witnesses last answered" not in text_of(client)
