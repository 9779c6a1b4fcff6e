"""`stimme audit --policy`: a checkpoint counts once the witnesses of the quorum have cosigned."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from stimme import cli
from stimme.engines.translog import Cosigner, Signer, add_cosignatures
from tests.served_log import LINES, Log, serving

X, Y = (
    Cosigner.from_seed(f"{name}.example/witness", bytes([n]) * 32)
    for n, name in [(1, "x"), (2, "y")]
)


@pytest.fixture
def log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Log]:
    with serving(tmp_path, capsys) as log:
        yield log


def policy_of(log: Log) -> str:
    witnesses = f"witness X {X.vkey}\nwitness Y {Y.vkey}\ngroup both all X Y\nquorum both\n"
    return log.keep("policy", f"log {log.signer.vkey}\n{witnesses}")


def cosign(log: Log, *witnesses: Cosigner) -> None:
    note = (log.folder / "checkpoint").read_text()
    lines = [one.cosign(note, 1_803_909_600) for one in witnesses]
    (log.folder / "checkpoint").write_text(add_cosignatures(note, lines))


def test_the_checkpoint_must_bear_the_quorum_of_the_policy(log: Log) -> None:
    policy = policy_of(log)
    lacks = "Alarm: The checkpoint lacks the quorum both: it was cosigned by"
    assert log.audit("--policy", policy) == (1, f"{lacks} nobody.")
    cosign(log, Y)
    assert log.audit("--policy", policy) == (1, f"{lacks} Y.")
    cosign(log, X)
    assert log.audit("--policy", policy) == (0, "No alarms.")


def test_the_audit_names_who_has_cosigned_and_when(log: Log) -> None:
    cosign(log, Y)
    cli.run(["audit", log.url, "--policy", policy_of(log)])
    printed = log.capsys.readouterr().out.splitlines()
    assert printed[1] == f"Key: {log.signer.vkey}"
    assert [line.split(maxsplit=1) for line in printed[3:7]] == [
        ["Quorum", "both: not reached"],
        ["witness", "cosigned"],
        ["X", "no"],
        ["Y", "2027-03-01 14:00 UTC"],
    ]
    cli.run(["audit", log.url, "--json", "--policy", policy_of(log)])
    assert json.loads(log.capsys.readouterr().out)["witnessed"] == {
        "quorum": "both",
        "reached": False,
        "times": {"X": None, "Y": 1_803_909_600},
    }


def test_without_a_policy_other_signatures_are_not_checked(log: Log) -> None:
    said = "Other signatures, not checked: 2. Say with --policy whom you trust.\n"
    cli.run(["audit", log.url])
    assert said not in log.capsys.readouterr().out
    cosign(log, X, Y)
    assert cli.run(["audit", log.url]) == 0
    assert said in log.capsys.readouterr().out


def test_a_cosignature_of_another_checkpoint_does_not_count(log: Log) -> None:
    cosign(log, X, Y)
    cosigned = (log.folder / "checkpoint").read_text().split("\n\n")[1].splitlines()[1:]
    log.publish(LINES[:-1])
    note = (log.folder / "checkpoint").read_text()
    (log.folder / "checkpoint").write_text(add_cosignatures(note, cosigned))
    status, told = log.audit("--policy", policy_of(log))
    assert (status, told.endswith("it was cosigned by nobody.")) == (1, True)


def test_a_log_that_the_policy_does_not_list_is_not_audited(log: Log) -> None:
    other = Signer.from_seed("other.example/log", bytes(32))
    policy = log.keep("policy", f"log {other.vkey}\nquorum none\n")
    status, told = log.audit("--policy", policy)
    needed = f"stimme: The key named {log.origin} is needed"
    assert (status, told) == (2, f"{needed}, but {policy} holds: other.example/log.")
