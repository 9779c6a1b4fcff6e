"""Servers with nothing in common but keys, a PostgreSQL and a bucket; one of them dies."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import object_store
from tests.crash.instances import Instance, Running, answers, free_port, until
from tests.crash.storms import OK, Storm


@pytest.fixture
def store() -> Iterator[str]:
    with object_store.running() as endpoint:
        yield endpoint


@pytest.fixture
def first(on_postgres: Instance, store: str) -> Instance:
    """A server whose log lies in the bucket."""
    bucket = {
        "log_store": f"s3://{object_store.BUCKET}/log?endpoint={store}&region=us-east-1",
        "log_store_key": object_store.KEY,
        "log_store_secret": object_store.SECRET,
    }
    settings = on_postgres.settings | bucket
    return Instance(on_postgres.home, on_postgres.database_url, settings)


@pytest.fixture
def second(first: Instance, tmp_path: Path) -> Instance:
    """Another server of the same instance, with the same keys in a home of its own."""
    home = tmp_path / "second"
    shutil.copytree(first.home / "keys", home / "keys")
    return Instance(home, first.database_url, first.settings, first.port)


def start(server: Instance, port: int, *options: str) -> Running:
    running = server.start("serve", "--port", str(port), *options)
    until(lambda: answers(port), "the door is open")
    return running


def fetch_log(store: str, home: Path) -> None:
    """Put the files of the bucket where an auditor of this home looks for them."""
    client = object_store.client_of(store)
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=object_store.BUCKET):
        for found in page["Contents"]:
            (home / found["Key"]).parent.mkdir(parents=True, exist_ok=True)
            client.download_file(object_store.BUCKET, found["Key"], str(home / found["Key"]))


def test_one_server_that_dies_takes_no_vote_with_it(
    first: Instance, second: Instance, store: str
) -> None:
    other = free_port()
    sealing, helping = start(first, first.port), start(second, other, "--no-sealer")
    storm = Storm(first, crowd=3)
    try:
        with storm.blowing(first.port), storm.blowing(other):
            until(lambda: storm.statuses.get(OK, 0) > 100, "votes are taken")
            sealing.kill()
            taken = storm.statuses[OK]
            until(lambda: storm.statuses[OK] > taken + 100, "the other goes on")
        storm.settle(other)
    finally:
        helping.end()
        if not sealing.ended():
            sealing.end()
    second.stimme("seal")
    fetch_log(store, first.home)
    storm.judge()
