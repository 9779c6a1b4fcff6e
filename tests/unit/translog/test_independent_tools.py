"""Public tools of others accept our log and our proofs, and refuse a log with one flipped bit."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from tlog_scales import tlog as scales
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey

from stimme.engines.translog import (
    Cosigner,
    Tree,
    add_cosignatures,
    leaf_hash,
)
from tests.needs import missing
from tests.unit.translog.small_log import (
    EXAMPLE,
    LOG_KEY,
    SmallLog,
    flipped,
    many_votes,
    secret,
)

Verify = Callable[[Path], bool]


@pytest.fixture(scope="module")
def log() -> SmallLog:
    return SmallLog.of(EXAMPLE, many_votes(600))


@pytest.fixture
def folder(log: SmallLog, tmp_path: Path) -> Path:
    log.write(tmp_path / "log")
    return tmp_path / "log"


def scales_accept(folder: Path) -> bool:
    """Check every entry of a log as a reader of tlog-scales would.

    Its reader trusts what it reads, so each check is asked for: the signature, the root that
    the tiles give, and an inclusion proof of each entry.
    """
    try:
        reader = TilesReader(LocalBackend(folder))
        checkpoint = reader.get_checkpoint()
        checkpoint.verify(Vkey.from_string(LOG_KEY.vkey))
        if reader.calculate_root_hash() != checkpoint.root_hash:
            return False
        for index in range(checkpoint.size):
            proof = reader.get_inclusion_proof(index, checkpoint.size)
            proof.check(leaf_hash(reader.get_entry(index)), checkpoint.root_hash)
    except Exception:  # noqa: BLE001 its errors have no common base
        return False
    return True


def served(log: SmallLog) -> Iterable[str]:
    """The files that the last checkpoint needs."""
    return SmallLog.of(EXAMPLE + many_votes(600)).files.keys() & log.files.keys()


def test_tlog_scales_accepts_our_log(folder: Path) -> None:
    assert scales_accept(folder)


def test_tlog_scales_refuses_a_log_with_one_flipped_bit(log: SmallLog, folder: Path) -> None:
    for path in sorted(served(log)):
        good = log.files[path]
        (folder / path).write_bytes(flipped(good, len(good) * 4))
        assert not scales_accept(folder), path
        (folder / path).write_bytes(good)


def test_tlog_scales_accepts_our_proofs(log: SmallLog) -> None:
    for index in (0, 3, 255, 604):
        proof = log.proof(index)
        checkpoint = scales.Checkpoint.from_text(proof.checkpoint)
        checkpoint.verify(Vkey.from_string(LOG_KEY.vkey))
        theirs = scales.InclusionProof(proof.index, checkpoint.size, list(proof.path))
        theirs.check(leaf_hash(proof.extra or b""), checkpoint.root_hash)


def test_tlog_scales_accepts_our_consistency_proofs(log: SmallLog) -> None:
    old, new = (scales.Checkpoint.from_text(note) for note in log.checkpoints)
    path = Tree(log.read, new.size).consistency_path(old.size)
    scales.ConsistencyProof(old.size, new.size, path).check(old.root_hash, new.root_hash)


def test_tlog_scales_accepts_our_cosignatures(log: SmallLog) -> None:
    witness = Cosigner.from_seed("witness.example/w1", secret("witness"))
    note = log.checkpoints[-1]
    cosigned = add_cosignatures(note, [witness.cosign(note, 1_800_000_000)])
    scales.Checkpoint.from_text(cosigned).verify(Vkey.from_string(witness.vkey))


@pytest.fixture(scope="session")
def go_accepts(tmp_path_factory: pytest.TempPathFactory) -> Verify:
    """The Go program, built once; with Debian's Go and its package of golang.org/x/mod."""
    go = shutil.which("go") or shutil.which("/usr/lib/go-1.19/bin/go")
    if go is None or not Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog").is_dir():
        missing("the Go verifier needs golang-1.19-go and golang-golang-x-mod-dev from Debian")
    built = tmp_path_factory.mktemp("go")
    source = Path(__file__).parents[2] / "go" / "verify.go"
    paths = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(built / "cache")}
    command = [go, "build", "-o", str(built / "verify"), str(source)]
    subprocess.run(command, env=os.environ | paths, check=True)

    def accepts(folder: Path) -> bool:
        proof = folder.parent / "vote.tlog-proof"
        command = [str(built / "verify"), str(folder), LOG_KEY.vkey, str(proof)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    return accepts


def test_go_accepts_our_log_and_refuses_one_flipped_bit(
    log: SmallLog, folder: Path, go_accepts: Verify
) -> None:
    proof = folder.parent / "vote.tlog-proof"
    proof.write_text(log.proof(3).encode())
    assert go_accepts(folder)
    for path in sorted(served(log)):
        good = log.files[path]
        (folder / path).write_bytes(flipped(good, len(good) * 4))
        assert not go_accepts(folder), path
        (folder / path).write_bytes(good)
    proof.write_text(log.proof(3).encode().replace("index 3", "index 2"))
    assert not go_accepts(folder)
