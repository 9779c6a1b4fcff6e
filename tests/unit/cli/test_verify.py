from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from stimme import cli
from stimme.engines.translog import (
    CauseLine,
    Checkpoint,
    Cosigner,
    Proof,
    Signer,
    VoteLine,
    add_cosignatures,
    b64,
    cause_id,
    document_hash,
    inclusion_path,
    leaf_hash,
    promise_batch,
    root_of,
    short_code,
    sign,
)

ORIGIN = "stimme.example/log"
LOG = Signer.from_seed(ORIGIN, sha256(b"log").digest())
RECEIPTS = Signer.from_seed(f"{ORIGIN}/receipt", sha256(b"receipts").digest())
WITNESS = Signer.from_seed("witness.example", sha256(b"witness").digest())
CID = cause_id(b"{}")
SEAT = b64(bytes(16))
LINES = [
    str(CauseLine(CID, document_hash(b"{}"), "2027-03-01T13Z")),
    str(VoteLine(CID, SEAT, 0, "for", "1", "2027-03-01T14Z")),
    str(VoteLine(CID, SEAT, 1, "withdrawn", "9", "2027-03-02T09Z")),
]


def proof(index: int, *signers: Signer) -> str:
    leaves = [leaf_hash(line.encode()) for line in LINES]
    checkpoint = Checkpoint(ORIGIN, len(LINES), root_of(leaves)).encode()
    note = sign(checkpoint, [LOG, *signers])
    path = tuple(inclusion_path(leaves, index))
    return Proof(LINES[index].encode(), index, path, note).encode()


def promise(line: str) -> str:
    return promise_batch(RECEIPTS, ORIGIN, [line], 1_803_909_600)[0].encode()


Verify = Callable[..., tuple[int, dict[str, str], str]]


@pytest.fixture
def verify(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Verify:
    """Give the exit status, what was told line by line, and all that was printed."""
    monkeypatch.setenv("STIMME_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def run(text: str, *options: str) -> tuple[int, dict[str, str], str]:
        (tmp_path / "receipt").write_text(text)
        status = cli.run(["verify", "receipt", *options])
        printed = capsys.readouterr()
        pairs = (line.partition(":") for line in printed.out.splitlines())
        return status, {what: fact.strip() for what, _, fact in pairs}, printed.out + printed.err

    return run


def test_a_proof_is_told_in_plain_words(verify: Verify) -> None:
    status, told, printed = verify(proof(1), "--vkey", LOG.vkey)
    assert status == 0
    assert printed.startswith("This proof holds: the line is in the log.\n")
    del told["This proof holds"], told[""]
    assert told == {
        "What": "A vote for",
        "Cause": CID,
        "When": "2027-03-01, in the hour from 14:00 UTC",
        "Level": "1 (passkey)",
        "Seat": f"{SEAT}, its first vote",
        "Voter's key": "none: the operator cast it for the voter (custodial)",
        "Place": f"entry 1 of the 3 in {ORIGIN}",
        "Short code": short_code(LINES[1]),
        "Signed by": ORIGIN,
        "Key": f"{LOG.vkey} (from what you gave with --vkey)",
        "Line": LINES[1],
    }


def test_a_withdrawal_of_an_imported_vote(verify: Verify) -> None:
    _, told, _ = verify(proof(2), "--vkey", LOG.vkey)
    assert told["What"] == "A vote withdrawn"
    assert told["Level"] == "9 (imported: nobody signed in for it)"
    assert told["Seat"] == f"{SEAT}, change number 1"


def test_a_line_that_is_no_vote(verify: Verify) -> None:
    _, told, _ = verify(proof(0), "--vkey", LOG.vkey)
    assert told["What"] == "not a vote, but a line of the kind “cause”"


def test_a_promise_says_until_when(verify: Verify) -> None:
    status, told, printed = verify(promise(LINES[1]), "--vkey", RECEIPTS.vkey)
    assert status == 0
    assert printed.startswith("This promise holds")
    assert told["Due"] == "2027-03-01 14:00 UTC"
    assert told["What"] == "A vote for"


def test_signatures_of_others_are_named_and_not_believed(verify: Verify) -> None:
    _, told, _ = verify(proof(1, WITNESS), "--vkey", LOG.vkey)
    assert told["Not checked"] == "the signatures of witness.example"


def test_keys_come_from_a_file_or_from_the_own_instance(verify: Verify, tmp_path: Path) -> None:
    keys = f"{LOG.vkey}\n{RECEIPTS.vkey}\n"
    (tmp_path / "keys").write_text(keys)
    assert verify(proof(1), "--keys", "keys")[1]["Key"] == f"{LOG.vkey} (from keys)"
    own = tmp_path / "home/log/keys"
    own.parent.mkdir(parents=True)
    own.write_text(keys)
    assert verify(proof(1))[1]["Key"] == f"{LOG.vkey} (from {own})"
    assert verify(promise(LINES[1]))[0] == 0


def test_without_a_key_nothing_is_judged(verify: Verify) -> None:
    sentence = (
        f"stimme: This is signed by {ORIGIN}, and the key of that name is needed: give it with "
        "--vkey, or with --keys a copy of the log's keys that you trust.\n"
    )
    assert verify(proof(1)) == (2, {}, sentence)
    assert verify(proof(1), "--vkey", RECEIPTS.vkey) == (2, {}, sentence)


def test_a_forged_key_of_the_same_name_is_not_enough(verify: Verify) -> None:
    other = Signer.from_seed(ORIGIN, bytes(32))
    status, _, printed = verify(proof(1), "--vkey", other.vkey)
    assert status == 1
    assert printed == "This does not hold. The note bears no signature of a key we know.\n"


@pytest.mark.parametrize(
    "old, new, sentence",
    [
        ("\n3\n", "\n4\n", "The signature in the name of stimme.example/log is wrong."),
        ("index 1", "index 0", "does not lead to the root"),
        ("index 1", "index one", "This is not a file of the form c2sp.org/tlog-proof@v1."),
        ("extra ", "extra A", "This is not a file of the form c2sp.org/tlog-proof@v1."),
    ],
)
def test_a_changed_proof_does_not_hold(verify: Verify, old: str, new: str, sentence: str) -> None:
    status, _, printed = verify(proof(1).replace(old, new, 1), "--vkey", LOG.vkey)
    assert status == 1
    assert printed.startswith("This does not hold. ")
    assert sentence in printed


def test_a_proof_without_its_line_proves_nothing(verify: Verify) -> None:
    first, _, rest = proof(1).split("\n", 2)
    assert verify(f"{first}\n{rest}", "--vkey", LOG.vkey)[0] == 1


def test_a_promise_of_another_line_does_not_hold(verify: Verify) -> None:
    other = promise(LINES[2]).split("\n", 2)
    first, _, rest = promise(LINES[1]).split("\n", 2)
    status, _, printed = verify("\n".join([first, other[1], rest]), "--vkey", RECEIPTS.vkey)
    assert status == 1
    assert printed.startswith("This does not hold. ")


@pytest.mark.parametrize("text", ["", "hello\n", "c2sp.org/tlog-proof@v2\n"])
def test_what_is_no_receipt_cannot_be_judged(verify: Verify, text: str) -> None:
    told = "stimme: receipt is neither a proof nor a promise.\n"
    assert verify(text, "--vkey", LOG.vkey) == (2, {}, told)


def test_a_file_that_cannot_be_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    assert cli.run(["verify", str(tmp_path / "no")]) == 2
    assert cli.run(["verify", str(binary)]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert errors == [
        f"stimme: {tmp_path / 'no'} cannot be read: no such file or directory.",
        f"stimme: {binary} is not a text.",
    ]


X1, X2, X3 = (
    Cosigner.from_seed(f"{name}.example/witness", bytes([n]) * 32)
    for n, name in enumerate(["x1", "x2", "x3"])
)
POLICY = f"""log {LOG.vkey}
witness X1 {X1.vkey}
witness X2 {X2.vkey}
witness X3 {X3.vkey}
group two-of-three 2 X1 X2 X3
quorum two-of-three
"""


def cosigned_proof(*witnesses: Cosigner) -> str:
    text = proof(1, WITNESS)
    parsed = Proof.parse(text)
    lines = [one.cosign(parsed.note, 1_803_909_600 + 60 * n) for n, one in enumerate(witnesses)]
    return text.replace(parsed.note, add_cosignatures(parsed.note, lines))


def test_a_proof_must_bear_the_quorum_of_the_policy(verify: Verify, tmp_path: Path) -> None:
    (tmp_path / "policy").write_text(POLICY)
    status, told, _ = verify(cosigned_proof(X3, X1), "--policy", "policy")
    assert status == 0
    assert told["Witnesses"] == "X1 on 2027-03-01 14:01 UTC, X3 on 2027-03-01 14:00 UTC"
    assert told["Quorum"] == "two-of-three: reached"
    assert told["Key"] == f"{LOG.vkey} (from policy)"
    assert told["Not checked"] == "the signatures of witness.example"
    status, _, printed = verify(cosigned_proof(X2), "--policy", "policy")
    complaint = "The checkpoint lacks the quorum two-of-three: it was cosigned by X2."
    assert (status, printed) == (1, f"This does not hold. {complaint}\n")


def test_a_policy_that_cannot_be_used_is_named(verify: Verify, tmp_path: Path) -> None:
    (tmp_path / "policy").write_text("quorum X1\n")
    assert verify(proof(1), "--policy", "policy")[::2] == (
        2,
        "stimme: policy is no policy. Line 1: 'X1' is not defined above.\n",
    )
    assert verify(proof(1), "--policy", "gone")[::2] == (
        2,
        "stimme: gone cannot be read: no such file or directory.\n",
    )
    (tmp_path / "policy").write_text(POLICY)
    assert verify(promise(LINES[1]), "--policy", "policy")[::2] == (
        2,
        "stimme: No witness cosigns a promise: --policy is for proofs.\n",
    )
