"""Door, pages and sealer need their own keys alone: the log key can belong to the sealer."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx
import pytest

from stimme import keys
from tests.crash.instances import Instance, answers, free_port, make, running, until

EVERYWHERE = [
    "/",
    "/causes/",
    "/how-we-count/",
    "/log/",
    "/log/checkpoint",
    "/log/keys",
    "/verify/",
]


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    instance = make(tmp_path_factory.mktemp("keys"))
    instance.stimme("seal")
    return instance


@contextmanager
def only(instance: Instance, names: Sequence[str]) -> Iterator[None]:
    """Take away every other key, as from a user of the system who may not read them."""
    hidden = instance.home / "hidden"
    hidden.mkdir()
    taken = [name for name in keys.NAMES if name not in names]
    for name in taken:
        (instance.home / "keys" / name).rename(hidden / name)
    try:
        yield
    finally:
        for name in taken:
            (hidden / name).rename(instance.home / "keys" / name)
        hidden.rmdir()


def test_the_pages_serve_the_keys_that_the_sealer_has_published(instance: Instance) -> None:
    published = [instance.log_key.vkey, instance.receipt_key.vkey]
    with only(instance, keys.PAGES):
        process = instance.start("pages", "--port", str(instance.port), "--workers", "1")
        with running(process), httpx.Client(base_url=f"http://127.0.0.1:{instance.port}") as client:
            until(lambda: answers(instance.port), "the pages are there")
            assert {path: client.get(path).status_code for path in EVERYWHERE} == dict.fromkeys(
                EVERYWHERE, 200
            )
            assert client.get("/log/keys").text.split() == published


def test_the_door_takes_votes_with_two_keys(instance: Instance) -> None:
    with only(instance, keys.DOOR), running(instance.start_door()):
        until(lambda: answers(instance.port), "the door is open")
        url = f"http://127.0.0.1:{instance.port}/ballot"
        answer = httpx.post(url, json={"paper": "none", "choice": "for"})
        assert (answer.status_code, answer.json()["error"]) == (403, "paper_refused")


def test_the_sealer_seals_with_three_keys(instance: Instance) -> None:
    with only(instance, keys.SEALER):
        assert "the log now holds" in instance.stimme("seal")
        port = free_port()
        with running(instance.start("sealer", "--metrics-port", str(port))):
            until(lambda: looked(port), "the sealer has taken a round")


def looked(port: int) -> bool:
    """Whether the metrics on this port tell of a look at tallies and log."""
    if not answers(port):
        return False
    shown = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    return "stimme_last_look_timestamp_seconds 1." in shown


def test_pages_and_door_do_not_have_the_log_key() -> None:
    assert "log" not in {*keys.PAGES, *keys.DOOR}


@pytest.mark.parametrize(
    "role, command",
    [
        (keys.DOOR, ["door", "--pages", "nowhere"]),
        (keys.PAGES, ["pages"]),
        (keys.SEALER, ["sealer"]),
        (keys.SEALER, ["seal"]),
    ],
)
def test_every_role_says_which_key_it_misses(
    instance: Instance, role: tuple[str, ...], command: list[str]
) -> None:
    with only(instance, role[1:]), pytest.raises(AssertionError, match=f"keys/{role[0]} must hold"):
        instance.stimme(*command)
