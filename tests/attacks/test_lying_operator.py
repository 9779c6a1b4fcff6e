"""A lying operator, held against the receipts of voters by `stimme audit` and `stimme verify`."""

import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stimme import cli
from stimme.engines.translog import (
    Proof,
    RekeyLine,
    Tree,
    VoteLine,
    b64,
    promise_batch,
    unsigned_vote,
    vote_signing_text,
)
from tests.served_log import CID, DOCUMENT, HOUR, LINES, Log, serving, vote

SEAT = b64(b"the seat of Anna")


@pytest.fixture
def log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Log]:
    with serving(tmp_path, capsys) as log:
        yield log


def signed(log: Log, seq: int, choice: str, device: str = "a telephone") -> str:
    """A vote of the seat by the key of that device."""
    key = Ed25519PrivateKey.from_private_bytes(sha256(device.encode()).digest())
    vk = b64(key.public_key().public_bytes_raw())
    line = unsigned_vote(CID, SEAT, seq, choice, "0", HOUR, vk)
    return f"{line} {b64(key.sign(vote_signing_text(log.origin, line)))}"


def promised(log: Log, line: str, deadline: int = 1_700_000_000, name: str = "promise") -> str:
    [kept] = promise_batch(log.receipts, log.origin, [line], deadline)
    return log.keep(name, kept.encode())


def alarms(log: Log, *options: str) -> list[str]:
    """What the audit alarms about, one sentence each."""
    status, told = log.audit(*options)
    found = [one.removeprefix("Alarm: ") for one in told.splitlines() if one.startswith("Alarm: ")]
    assert (status, bool(found)) in {(0, False), (1, True)}
    return found


def notes(log: Log, *receipts: str) -> list[str]:
    """What the audit notes, where nothing is wrong."""
    options = [option for receipt in receipts for option in ("--receipt", receipt)]
    assert cli.run(["audit", log.url, *options]) == 0
    printed = log.capsys.readouterr().out.splitlines()
    return [one.removeprefix("Note: ") for one in printed if "receipt" in one]


# A clash: the same receipt for two people


def test_one_receipt_for_two_people(log: Log) -> None:
    anna, ben = (promised(log, LINES[5], name=name) for name in ("anna", "ben"))
    assert notes(log, anna) == []
    [note] = notes(log, anna, ben)
    assert note.startswith("Several of the receipts are for one and the same line.")
    assert note.endswith(f"it is one vote all the same: {LINES[5]}")


# A key-bound vote that was changed


def test_a_signed_vote_changed_without_its_key(log: Log) -> None:
    mine = signed(log, 0, "for")
    wrong = [
        signed(log, 1, "against", "the operator's machine"),
        vote_of_seat(1, "against"),
        signed(log, 1, "for").replace(" for ", " against "),
    ]
    for line in wrong:
        log.publish([*LINES, mine, line])
        [alarm] = alarms(log, "--receipt", promised(log, mine))
        assert alarm.startswith(f"Entry 301: the vote of the seat {SEAT} ")


def vote_of_seat(seq: int, choice: str) -> str:
    return str(VoteLine(CID, SEAT, seq, choice, "0", HOUR))


def test_a_signed_vote_replaced(log: Log) -> None:
    mine = signed(log, 0, "for")
    log.publish([*LINES, signed(log, 0, "against", "the operator's machine")])
    assert alarms(log, "--receipt", promised(log, mine)) == [
        f"Entry 300 contradicts a receipt, which promises: {mine}"
    ]


def test_a_new_key_by_which_a_vote_was_changed_is_told_to_who_holds_the_receipt(log: Log) -> None:
    mine, theirs = signed(log, 0, "for"), signed(log, 1, "against", "the operator's machine")
    rekey = str(RekeyLine(CID, SEAT, 1, theirs.split(" ")[8], HOUR))
    log.publish([*LINES, mine, rekey, theirs])
    assert notes(log, promised(log, mine)) == [
        f"Entry 301 is about the seat of a receipt, too: {rekey}",
        f"Entry 302 is about the seat of a receipt, too: {theirs}",
    ]


def test_a_custodial_vote_that_was_changed_is_told_too(log: Log) -> None:
    changed = vote(5, "against", seq=1)
    log.publish([*LINES, changed])
    assert notes(log, promised(log, vote(5))) == [
        f"Entry 300 is about the seat of a receipt, too: {changed}"
    ]
    assert notes(log, promised(log, changed)) == []


# A dropped vote


def test_a_promised_vote_that_was_dropped(log: Log) -> None:
    mine = signed(log, 0, "for")
    assert alarms(log, "--receipt", promised(log, mine)) == [
        f"A promise was not kept: by 2023-11-14 22:13 UTC the log had to show: {mine}"
    ]
    due = int(time.time()) + 600
    assert alarms(log, "--receipt", promised(log, mine, due)) == []


# A log of one's own


def test_a_proof_from_a_log_that_only_one_client_saw(log: Log) -> None:
    mine = signed(log, 0, "for")
    log.publish([*LINES[:200], mine])
    proof = log.keep("mine.tlog-proof", proof_of(log, 200))
    keys = ["--vkey", log.signer.vkey]
    assert cli.run(["verify", proof, *keys]) == 0  # by itself it holds: it is what was signed
    log.publish(LINES)
    found = alarms(log, "--receipt", proof)
    assert "A receipt proves another line at entry 200 than the log now shows." in found
    assert any(one.startswith("The log was forked") for one in found)


def proof_of(log: Log, index: int) -> str:
    checkpoint = (log.folder / "checkpoint").read_text()
    size = int(checkpoint.split("\n")[1])
    tree = Tree(lambda path: (log.folder / path).read_bytes(), size)
    [entry] = tree.entries(index, index + 1)
    return Proof(entry, index, tuple(tree.inclusion_path(index)), checkpoint).encode()


# A demand reworded under its votes


def test_a_demand_in_other_words_than_those_voted_on(log: Log) -> None:
    folder = log.home / "causes/documents"
    folder.mkdir(parents=True)
    (folder / f"{CID}.json").write_bytes(DOCUMENT.replace(b"Bring back", b"Never sell"))
    assert alarms(log, "--documents") == [
        f"The site shows another demand than the cause {CID} binds."
    ]
