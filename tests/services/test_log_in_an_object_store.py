"""The files of the log in a bucket: real requests to an S3-compatible store on loopback."""

import threading
import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from stimme.apps.accounts.models import User
from stimme.apps.ballot import publisher
from stimme.apps.ballot.buckets import LogStorage
from stimme.apps.ballot.log_keys import log_signer
from stimme.apps.ballot.models import LogHead
from stimme.apps.ballot.restoring import restore
from stimme.apps.ballot.sealer import SealingRefused, seal
from stimme.apps.ballot.stores import StoreFailed
from stimme.apps.causes.models import Cause
from stimme.engines.translog import MissingResource, Report, Tree, audit, sign
from tests.house import vote
from tests.object_store import BUCKET, KEY, SECRET, client_of, running

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with running() as endpoint:
        yield endpoint


@pytest.fixture(autouse=True)
def prefix(endpoint: str, settings: Settings, request: pytest.FixtureRequest) -> str:
    """Every test keeps its log below a prefix of its own."""
    prefix = request.node.name.replace("[", "/").strip("]")
    settings.STIMME = django_settings.STIMME.model_copy(
        update={
            "log_store": f"s3://{BUCKET}/{prefix}?endpoint={endpoint}&region=us-east-1",
            "log_store_key": KEY,
            "log_store_secret": SECRET,
        }
    )
    return prefix


def audited() -> Report:
    signer = log_signer()
    return audit(publisher.read, signer.verifier, signer.name, now=int(time.time()))


def keys_below(endpoint: str, prefix: str) -> list[str]:
    found = client_of(endpoint).list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/")
    return [one["Key"].removeprefix(f"{prefix}/") for one in found["Contents"]]


def test_a_log_is_sealed_served_and_audited_from_a_bucket(
    cause: Cause, alice: User, charlie: User, client: Client, endpoint: str, prefix: str
) -> None:
    vote(alice, cause, "for")
    seal(everything=True)
    vote(charlie, cause, "against")
    assert seal(everything=True).size == 4
    assert (audited().ok, audited().size) == (True, 4)
    note = publisher.published_checkpoint() or ""
    assert client.get("/log/checkpoint").content.decode() == note
    assert client.get("/log/tile/0/000.p/4").content == publisher.read("tile/0/000.p/4")
    assert client.get("/log/tile/0/001").status_code == 404
    assert client.get("/log/").status_code == 200
    assert keys_below(endpoint, prefix) == [
        "checkpoint",
        "keys",
        "tile/0/000.p/3",
        "tile/0/000.p/4",
        "tile/entries/000.p/3",
        "tile/entries/000.p/4",
    ]
    assert list(publisher.directory().iterdir()) == [publisher.directory() / ".lock"]


@pytest.mark.parametrize(
    "path, kind, cache",
    [
        ("checkpoint", "text/plain; charset=utf-8", "public, max-age=2"),
        ("keys", "text/plain; charset=utf-8", "public, max-age=300"),
        ("tile/0/000.p/1", "application/octet-stream", "public, max-age=31536000, immutable"),
        ("tile/entries/000", "application/octet-stream", "public, max-age=31536000, immutable"),
    ],
)
def test_every_resource_has_its_type_and_its_time_to_live(
    endpoint: str, prefix: str, path: str, kind: str, cache: str
) -> None:
    publisher.write({path: b"content"})
    found = client_of(endpoint).get_object(Bucket=BUCKET, Key=f"{prefix}/{path}")
    assert (found["ContentType"], found["CacheControl"]) == (kind, cache)
    assert found["Body"].read() == publisher.read(path) == b"content"


class Interrupted:
    """Let the n-th PUT fail before or after it was carried out, and count them."""

    def __init__(
        self, patch: pytest.MonkeyPatch, at: int, error: Callable[[], BaseException], *, late: bool
    ) -> None:
        self.calls, self.lock = 0, threading.Lock()
        save = LogStorage.save

        def one(storage: LogStorage, name: str, content: object) -> object:
            with self.lock:
                self.calls += 1
                now = self.calls == at
            done = None if now and not late else save(storage, name, content)
            if now:
                raise error()
            return done

        patch.setattr(LogStorage, "save", one)


class PowerCut(BaseException):
    """Nothing catches it: what was to come after does not happen."""


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("error", [PowerCut, lambda: StoreFailed("the store answers 503")])
def test_a_sealing_that_stops_at_any_request_is_finished_by_the_next(
    cause: Cause,
    alice: User,
    charlie: User,
    monkeypatch: pytest.MonkeyPatch,
    error: Callable[[], BaseException],
    *,
    late: bool,
) -> None:
    for at in count(1):
        before = publisher.latest()
        for person in [alice, charlie]:
            vote(person, cause, ["for", "against"][at % 2])
        with monkeypatch.context() as patch:
            fails = Interrupted(patch, at, error, late=late)
            try:
                seal(everything=True)
            except (PowerCut, StoreFailed):
                now = publisher.latest()
                if now:
                    assert Tree(publisher.read, now.size).root() == now.root
                    assert before is None or now.size >= before.size
        seal(everything=True)
        head, now = LogHead.objects.get(), publisher.latest()
        assert now is not None
        assert now.size == head.size
        assert audited().ok
        if fails.calls < at:
            break
    assert at > 3


def test_files_that_are_gone_are_written_again(
    cause: Cause, alice: User, endpoint: str, prefix: str
) -> None:
    vote(alice, cause, "for")
    seal(everything=True)
    written = {key: publisher.read(key) for key in keys_below(endpoint, prefix)}
    for key in written:
        client_of(endpoint).delete_object(Bucket=BUCKET, Key=f"{prefix}/{key}")
    seal()
    assert {key: publisher.read(key) for key in keys_below(endpoint, prefix)} == written


def test_a_restored_backup_is_refused_and_takes_its_lines_from_the_bucket(
    cause: Cause, alice: User
) -> None:
    seal(everything=True)
    backup = transaction.savepoint()
    vote(alice, cause, "for")
    seal(everything=True)
    transaction.savepoint_rollback(backup)
    with pytest.raises(SealingRefused, match="restored from an old backup"):
        seal(everything=True)
    restored = restore()
    assert restored.size == LogHead.objects.get().size > 1
    assert seal(everything=True).size >= restored.size
    assert audited().ok


def test_a_store_that_is_away_or_refuses_is_told_without_secrets(
    settings: Settings, endpoint: str
) -> None:
    address = f"s3://no-such-bucket?endpoint={endpoint}&region=us-east-1"
    settings.STIMME = settings.STIMME.model_copy(update={"log_store": address})
    with pytest.raises(StoreFailed, match="The specified bucket does not exist") as caught:
        publisher.write({"keys": b"content"})
    assert SECRET not in f"{caught.value!r} {settings.STIMME!r}"
    with pytest.raises(StoreFailed, match="The specified bucket does not exist"):
        publisher.read("keys")


@pytest.mark.parametrize(
    "path", ["/log/", "/log/checkpoint", "/log/keys", "/log/tile/0/000", "/log/find/", "/verify/"]
)
def test_visitors_of_a_store_that_is_away_are_asked_to_come_again(
    settings: Settings, endpoint: str, client: Client, path: str
) -> None:
    address = f"s3://no-such-bucket?endpoint={endpoint}&region=us-east-1"
    settings.STIMME = settings.STIMME.model_copy(update={"log_store": address})
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert (
        "no-store" in answer.headers["Cache-Control"]
        or "private" in answer.headers["Cache-Control"]
    )
    assert "no-such-bucket" not in answer.content.decode()


def test_full_tiles_are_kept_in_memory_and_the_rest_is_not(endpoint: str, prefix: str) -> None:
    publisher.write({"tile/0/000": b"old", "tile/0/001.p/1": b"old"})
    assert (publisher.read("tile/0/000"), publisher.read("tile/0/001.p/1")) == (b"old", b"old")
    for path in ["tile/0/000", "tile/0/001.p/1"]:
        client_of(endpoint).put_object(Bucket=BUCKET, Key=f"{prefix}/{path}", Body=b"new")
    assert (publisher.read("tile/0/000"), publisher.read("tile/0/001.p/1")) == (b"old", b"new")


def test_the_sealer_sees_a_checkpoint_that_another_has_just_replaced(
    cause: Cause, endpoint: str, prefix: str
) -> None:
    seal(everything=True)
    latest = publisher.latest()
    assert latest
    other = sign(latest.encode().replace(f"\n{latest.size}\n", "\n40\n"), [log_signer()])
    key = f"{prefix}/checkpoint"
    client_of(endpoint).put_object(Bucket=BUCKET, Key=key, Body=other.encode())
    with pytest.raises(SealingRefused, match="The published log holds 40 lines"):
        seal(everything=True)


def test_what_is_not_there_is_missing() -> None:
    with pytest.raises(MissingResource):
        publisher.read("tile/0/000")
    with pytest.raises(MissingResource):
        publisher.published_at()
