"""Vectors by others: a log written by Tessera, and probes of Merkle proofs."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from stimme.engines.translog import (
    EMPTY_ROOT,
    Checkpoint,
    ProofError,
    Signer,
    append,
    open_checkpoint,
    sign,
    verify_consistency,
    verify_inclusion,
)
from tests.unit.translog.small_log import SmallLog

SKEY = "PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg"
VKEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
WORDS = [
    *("one", "two", "three", "four", "five", "six", "seven", "eit"),
    *("nain", "ten", "ileven", "twelf", "threeten", "fourten", "fivten"),
]

# The spec: from the empty log an empty proof leads anywhere. The probe wants an error there.
DEVIATIONS = {"consistency/additional/size1-is-zero-and-size2-is-not-zero.json"}


@pytest.fixture
def vectors(shared: Path) -> Path:
    return shared / "vectors" / "tlog"


def test_the_log_of_tessera_is_reproduced_byte_for_byte(vectors: Path) -> None:
    folder = vectors / "tessera-log"
    signer = Signer.from_skey(SKEY)
    log = SmallLog(signer, signer.name)
    log.publish(sign(Checkpoint(signer.name, 0, EMPTY_ROOT).encode(), [signer]))
    for word in WORDS:
        log.seal([word])
    ours = log.files | {f"checkpoint.{n}": c.encode() for n, c in enumerate(log.checkpoints)}
    theirs = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".state" not in path.parts
    }
    assert ours == theirs


def test_tessera_s_checkpoints_open_with_its_key(vectors: Path) -> None:
    signer = Signer.from_skey(SKEY)
    assert (signer.skey, signer.vkey) == (SKEY, VKEY)
    note = (vectors / "tessera-log" / "checkpoint").read_text()
    assert open_checkpoint(note, signer.verifier, signer.name).size == len(WORDS)


def test_one_append_gives_the_files_of_the_last_size(vectors: Path) -> None:
    folder = vectors / "tessera-log"
    appended = append(lambda path: (folder / path).read_bytes(), 9, [w.encode() for w in WORDS[9:]])
    assert appended.resources == {
        path: (folder / path).read_bytes() for path in ("tile/0/000.p/15", "tile/entries/000.p/15")
    }


def _hash(text: str | None) -> bytes:
    return b64decode(text or "")


def _fails(probe: dict[str, Any]) -> bool:
    path = [_hash(one) for one in probe["proof"] or []]
    try:
        if "leafIdx" in probe:
            leaf, root = _hash(probe["leafHash"]), _hash(probe["root"])
            verify_inclusion(leaf, probe["leafIdx"], probe["treeSize"], path, root)
        else:
            roots = _hash(probe["root1"]), _hash(probe["root2"])
            verify_consistency(probe["size1"], probe["size2"], path, *roots)
    except ProofError:
        return True
    return False


@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_each_probe_is_answered_as_it_wants(vectors: Path, kind: str) -> None:
    folder = vectors / "merkle-proofs"
    paths = sorted((folder / kind).rglob("*.json"))
    assert len(paths) == 98
    wrong = set()
    for path in paths:
        probe = json.loads(path.read_text())
        if _fails(probe) != probe["wantErr"]:
            wrong.add(path.relative_to(folder).as_posix())
    assert wrong == {one for one in DEVIATIONS if one.startswith(kind)}
