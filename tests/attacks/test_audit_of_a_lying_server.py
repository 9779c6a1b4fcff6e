"""`stimme audit` against servers and folders that lie: one plain sentence, and the exit status."""

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import pytest

from stimme import cli
from stimme.engines.translog import (
    Signer,
    promise_batch,
)
from tests.served_log import CID, DOCUMENT, LINES, Log, serving, vote


@pytest.fixture
def log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Log]:
    with serving(tmp_path, capsys) as log:
        yield log


def flip(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


def test_an_honest_log_has_no_alarms(log: Log) -> None:
    assert log.audit() == (0, "No alarms.")
    assert log.audit(log=str(log.folder)) == (0, "No alarms.")
    assert log.audit(log=str(log.home)) == (0, "No alarms.")
    assert log.audit("--vkey", log.signer.vkey, "--checkpoint", log.kept_checkpoint())[0] == 0


def test_the_report_says_what_was_counted_and_whose_key_it_was(log: Log) -> None:
    cli.run(["audit", log.url])
    printed = log.capsys.readouterr().out.splitlines()
    assert printed[0] == f"{log.origin}: 300 entries"
    assert printed[2].strip().startswith("It came from the log itself")
    assert printed[5].split()[:6] == [CID, "298", "0", "0", "0", "298"]
    assert printed[8].split() == [CID, "for", "298"]
    cli.run(["audit", log.url, "--vkey", log.signer.vkey])
    assert "It came from the log itself" not in log.capsys.readouterr().out


def test_the_report_for_programs_is_one_object(log: Log) -> None:
    assert cli.run(["audit", log.url, "--json"]) == 0
    found = json.loads(log.capsys.readouterr().out)
    assert found["tallies"] == [{"cid": CID, "choice": "for", "level": "0", "seats": 298}]
    assert (found["ok"], found["alarms"]) == (True, [])
    assert found["key"] == {"vkey": log.signer.vkey, "from": "the log itself"}


@pytest.mark.parametrize(
    "path, sentence",
    [
        ("tile/entries/000", "Entry 255 in the entry bundle tile/entries/000 was changed"),
        ("tile/entries/001.p/44", "Entry 299 in the entry bundle tile/entries/001.p/44 was"),
        ("tile/0/000", "The hash tile tile/0/000 is wrong"),
        ("tile/0/001.p/44", "The hash tile tile/0/001.p/44 is wrong"),
        ("tile/1/000.p/1", "The hash tile tile/1/000.p/1 is wrong"),
    ],
)
def test_a_flipped_bit(log: Log, path: str, sentence: str) -> None:
    log.edit(path, flip)
    for where in (log.url, str(log.folder)):
        status, told = log.audit(log=where)
        assert status == 1
        assert sentence in told


@pytest.mark.parametrize("path", ["tile/entries/000", "tile/entries/001.p/44", "tile/0/000"])
def test_a_truncated_resource(log: Log, path: str) -> None:
    log.edit(path, lambda content: content[:-7])
    status, told = log.audit()
    assert status == 1
    assert f"{path} is truncated or malformed." in told


@pytest.mark.parametrize("path", ["tile/entries/000", "tile/entries/001.p/44", "tile/0/001.p/44"])
def test_a_missing_resource(log: Log, path: str) -> None:
    (log.folder / path).unlink()
    status, told = log.audit()
    assert status == 1
    assert f"The log does not serve {path}." in told


def test_a_missing_checkpoint(log: Log) -> None:
    (log.folder / "checkpoint").unlink()
    assert log.audit() == (1, "Alarm: The log serves no checkpoint.")


def test_a_log_that_was_rolled_back(log: Log) -> None:
    kept = log.kept_checkpoint()
    log.publish(LINES[:200])
    assert log.audit("--checkpoint", kept) == (
        1,
        "Alarm: The log was rolled back: it signed 300 entries and shows 200.",
    )


def test_a_log_that_was_forked(log: Log) -> None:
    kept = log.kept_checkpoint()
    log.publish([*LINES[:-1], vote(999), vote(1000)])
    assert log.audit("--checkpoint", kept) == (
        1,
        "Alarm: The log was forked: it signed two different histories of 300 entries.",
    )


def test_a_log_under_the_name_of_another(log: Log) -> None:
    made = (log.folder / "checkpoint").read_text()
    forged = made.replace(log.origin, "elsewhere.example/log")
    log.edit("checkpoint", lambda _: forged.encode())
    status, told = log.audit()
    assert (status, told) == (
        1,
        f"Alarm: The checkpoint belongs to elsewhere.example/log, not to {log.origin}.",
    )


def test_a_known_key_with_a_bad_signature(log: Log) -> None:
    log.edit("checkpoint", lambda note: note.replace(b"\n300\n", b"\n299\n"))
    status, told = log.audit()
    assert (status, told) == (1, f"Alarm: The signature in the name of {log.origin} is wrong.")


def test_a_key_of_the_same_name_that_is_not_the_one_you_know(log: Log) -> None:
    log.publish(LINES, signer=Signer.from_seed(log.origin, bytes([7]) * 32))
    assert log.audit("--vkey", log.signer.vkey) == (
        1,
        "Alarm: The note bears no signature of a key we know.",
    )


def promise(log: Log, line: str, deadline: int) -> str:
    [kept] = promise_batch(log.receipts, log.origin, [line], deadline)
    return log.keep("promise", kept.encode())


def test_a_promise_that_was_not_kept(log: Log) -> None:
    status, told = log.audit("--receipt", promise(log, vote(5000), 1_700_000_000))
    assert status == 1
    assert told == (
        "Alarm: A promise was not kept: by 2023-11-14 22:13 UTC the log had to show: " + vote(5000)
    )


def test_a_promise_that_was_kept_or_is_not_due(log: Log) -> None:
    assert log.audit("--receipt", promise(log, LINES[5], 1_700_000_000))[0] == 0
    assert log.audit("--receipt", promise(log, vote(5000), 9_000_000_000))[0] == 0
    given = ["--vkey", log.signer.vkey]  # the key of receipts then comes from the log
    assert log.audit(*given, "--receipt", promise(log, LINES[5], 1_700_000_000))[0] == 0


def test_a_vote_that_breaks_the_rules(log: Log) -> None:
    log.publish([*LINES, vote(3, "against", seq=2)])
    status, told = log.audit()
    assert status == 1
    assert "has vote number 2 where number 1 is due" in told


def test_entries_cannot_write_to_the_terminal(log: Log) -> None:
    log.publish([*LINES, "s1 \x1b[2J\x1b]0;owned\x07"])
    status, told = log.audit()
    assert status == 1
    assert "\x1b" not in told


def respond(
    handler: SimpleHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes = b""
) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def test_a_redirect_elsewhere_is_not_followed(log: Log) -> None:
    to = {"Location": "http://127.0.0.1:1/log/checkpoint", "Content-Length": "0"}
    log.answers["checkpoint"] = lambda handler: respond(handler, 302, to)
    assert log.audit() == (
        2,
        (
            "stimme: The server sends whoever reads checkpoint elsewhere: to "
            "http://127.0.0.1:1/log/checkpoint."
        ),
    )


def test_a_server_in_trouble(log: Log) -> None:
    log.answers["tile/0/000"] = lambda handler: respond(handler, 500, {"Content-Length": "0"})
    assert log.audit() == (2, "stimme: The server answers 500 for tile/0/000.")


def test_a_bomb_of_compressed_zeros(log: Log) -> None:
    bomb = gzip.compress(bytes(10_000_000))
    headers = {"Content-Encoding": "gzip", "Content-Length": str(len(bomb))}
    log.answers["tile/entries/000"] = lambda handler: respond(handler, 200, headers, bomb)
    assert log.audit() == (
        2,
        "stimme: The server sends tile/entries/000 compressed, which was not asked for.",
    )


@pytest.mark.parametrize("path, size", [("keys", 1 << 20), ("checkpoint", 1 << 22)])
def test_an_answer_that_is_too_large(log: Log, path: str, size: int) -> None:
    def pour(handler: SimpleHTTPRequestHandler) -> None:
        try:
            respond(handler, 200, {}, b"x" * size)
        except ConnectionError:
            handler.close_connection = True

    log.answers[path] = pour
    assert log.audit() == (2, f"stimme: {path} is larger than anything of its kind can be.")


def test_an_answer_that_never_comes(log: Log) -> None:
    released = threading.Event()

    def wait(_: SimpleHTTPRequestHandler) -> None:
        released.wait(20)

    log.answers["tile/entries/001.p/44"] = wait
    try:
        assert log.audit("--timeout", "1") == (
            2,
            "stimme: The server took too long to send tile/entries/001.p/44.",
        )
    finally:
        released.set()


def test_an_answer_that_drips(log: Log) -> None:
    stop = threading.Event()

    def drip(handler: SimpleHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while not stop.wait(0.02):
                handler.wfile.write(b"x")
        except ConnectionError:
            handler.close_connection = True

    log.answers["checkpoint"] = drip
    try:
        # With the key in hand the checkpoint is asked for first; nothing else has to be quick.
        assert log.audit("--vkey", log.signer.vkey, "--timeout", "0.05") == (
            2,
            "stimme: The server took too long to send checkpoint.",
        )
    finally:
        stop.set()


def test_a_demand_is_shown_only_where_its_id_binds_it(log: Log) -> None:
    folder = log.home / "causes/documents"
    folder.mkdir(parents=True)
    (folder / f"{CID}.json").write_bytes(DOCUMENT)
    cli.run(["audit", log.url, "--documents"])
    assert "Corner Shop: Bring back Product X" in log.capsys.readouterr().out
    (folder / f"{CID}.json").write_bytes(DOCUMENT.replace(b"back", b"down"))
    assert log.audit("--documents") == (
        1,
        f"Alarm: The site shows another demand than the cause {CID} binds.",
    )


@pytest.mark.parametrize(
    "address, sentence",
    [
        ("http://example.org", "Over plain http anybody on the way could change the log"),
        ("ftp://example.org", "The address of a log looks like https://stimme.example."),
        ("https://user@example.org", "The address of a log looks like https://stimme.example."),
        (
            "/no/such/folder",
            "There is no folder /no/such/folder. (An address begins with https:// or http://.)",
        ),
        ("http://127.0.0.1:1", "http://127.0.0.1:1/log/keys could not be read"),
    ],
)
def test_an_address_that_cannot_be_audited(log: Log, address: str, sentence: str) -> None:
    status, told = log.audit(log=address)
    assert status == 2
    assert sentence in told


def test_a_log_without_keys_asks_for_one(log: Log) -> None:
    (log.folder / "keys").unlink()
    told = "stimme: The log publishes no keys: give its key with --vkey."
    assert log.audit() == (2, told)
    assert log.audit("--vkey", log.signer.vkey) == (0, "No alarms.")


def test_what_is_given_must_be_readable(log: Log) -> None:
    assert log.audit("--vkey", "nonsense")[0] == 2
    assert log.audit("--checkpoint", str(log.home / "no"))[0] == 2
    assert log.audit("--receipt", str(log.home))[0] == 2
