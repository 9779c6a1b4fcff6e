import pytest
from hypothesis import given
from hypothesis import strategies as st

from stimme.engines.translog import (
    NoteError,
    PromiseFile,
    Proof,
    ProofError,
    UnverifiedNote,
    WrongOrigin,
    promise_batch,
    short_code,
    sign,
    verify_promise,
    verify_proof,
)
from tests.unit.translog.small_log import (
    EXAMPLE,
    LOG_KEY,
    ORIGIN,
    RECEIPT_KEY,
    SmallLog,
    many_votes,
)

DEADLINE = 1_800_000_000
LOG = SmallLog.of(EXAMPLE, many_votes(300))
hashes = st.binary(min_size=32, max_size=32)


@given(st.none() | st.binary(max_size=300), st.integers(0, 10**9), st.lists(hashes, max_size=63))
def test_files_are_read_back(extra: bytes | None, index: int, path: list[bytes]) -> None:
    for kind in (Proof, PromiseFile):
        written = kind(extra, index, tuple(path), "a note\n\n— of a kind\n")
        assert kind.parse(written.encode()) == written


@pytest.mark.parametrize("index", [0, 1, 255, 304])
def test_a_proof_leads_from_the_line_to_the_checkpoint(index: int) -> None:
    proof = Proof.parse(LOG.proof(index).encode())
    assert proof.extra is not None
    assert verify_proof(proof, proof.extra, LOG_KEY.verifier, ORIGIN).size == 305


def test_a_proof_of_another_line_index_log_or_key_is_refused() -> None:
    proof = LOG.proof(1)
    entry = proof.extra or b""
    other = Proof(None, 2, proof.path, proof.checkpoint)
    for wrong, line in ((proof, entry + b"x"), (other, entry), (LOG.proof(2), entry)):
        with pytest.raises(ProofError):
            verify_proof(wrong, line, LOG_KEY.verifier, ORIGIN)
    with pytest.raises(WrongOrigin):
        verify_proof(proof, entry, LOG_KEY.verifier, "other.example/log")
    with pytest.raises(UnverifiedNote):
        verify_proof(proof, entry, RECEIPT_KEY.verifier, ORIGIN)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_batch_is_promised_by_one_signature(size: int) -> None:
    batch = promise_batch(RECEIPT_KEY, ORIGIN, many_votes(size)[1:], DEADLINE)
    assert len({one.note for one in batch}) == 1
    for one, line in zip(batch, many_votes(size)[1:], strict=True):
        found = verify_promise(PromiseFile.parse(one.encode()), RECEIPT_KEY.verifier, ORIGIN)
        assert (found.line, found.deadline) == (line, DEADLINE)


def test_a_promise_of_one_is_the_leaf_itself() -> None:
    (one,) = promise_batch(RECEIPT_KEY, ORIGIN, EXAMPLE[1:2], DEADLINE)
    assert (one.index, one.path) == (0, ())
    assert one.encode().startswith("stimme/promise@v1\nextra czEgdm90ZS")
    assert one.note.split("\n")[:2] == [f"{ORIGIN} receipt", "1"]


def test_a_promise_of_another_line_key_or_log_is_refused() -> None:
    first, second = promise_batch(RECEIPT_KEY, ORIGIN, EXAMPLE[1:3], DEADLINE)
    swapped = PromiseFile(second.extra, first.index, first.path, first.note)
    without = PromiseFile(None, first.index, first.path, first.note)
    no_text = PromiseFile(b"\xff", first.index, first.path, first.note)
    for wrong in (swapped, without, no_text):
        with pytest.raises(ProofError):
            verify_promise(wrong, RECEIPT_KEY.verifier, ORIGIN)
    with pytest.raises(UnverifiedNote):
        verify_promise(first, LOG_KEY.verifier, ORIGIN)
    with pytest.raises(WrongOrigin):
        verify_promise(first, RECEIPT_KEY.verifier, "other.example/log")


@pytest.mark.parametrize("size, deadline", [("01", "9"), ("1", ""), ("1", "9\n9")])
def test_a_promise_whose_text_is_malformed_is_refused(size: str, deadline: str) -> None:
    (good,) = promise_batch(RECEIPT_KEY, ORIGIN, EXAMPLE[1:2], 9)
    root = good.note.split("\n")[2]
    note = sign(f"{ORIGIN} receipt\n{size}\n{root}\n{deadline}\n", [RECEIPT_KEY])
    with pytest.raises(NoteError, match="malformed"):
        verify_promise(PromiseFile(good.extra, 0, (), note), RECEIPT_KEY.verifier, ORIGIN)


def test_a_checkpoint_is_no_promise_and_a_promise_no_checkpoint() -> None:
    (promise,) = promise_batch(RECEIPT_KEY, ORIGIN, EXAMPLE[1:2], DEADLINE)
    with pytest.raises(ProofError):
        Proof.parse(promise.encode())
    with pytest.raises(ProofError):
        PromiseFile.parse(LOG.proof(1).encode())
    as_proof = Proof(promise.extra, 0, (), promise.note)
    with pytest.raises(NoteError):
        verify_proof(as_proof, EXAMPLE[1].encode(), RECEIPT_KEY.verifier, ORIGIN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v1\n\nnote\n",
        "c2sp.org/tlog-proof@v2\nindex 0\n\nnote\n",
        "c2sp.org/tlog-proof@v1\nindex 00\n\nnote\n",
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nnote\n",
        "c2sp.org/tlog-proof@v1\nextra A\nindex 0\n\nnote\n",
        "c2sp.org/tlog-proof@v1\nindex 0\nextra AAAA\n\nnote\n",
        "c2sp.org/tlog-proof@v1\r\nindex 0\r\n\r\nnote\r\n",
        "c2sp.org/tlog-proof@v1\nindex 0\n" + ("A" * 43 + "=\n") * 64 + "\nnote\n",
        "c2sp.org/tlog-proof@v1\nindex 0\n\n" + "x" * 1_000_000,
    ],
)
def test_malformed_files_are_refused(text: str) -> None:
    with pytest.raises(ProofError):
        Proof.parse(text)


def test_the_short_code_has_six_groups_of_four() -> None:
    assert [len(group) for group in short_code(EXAMPLE[0]).split("-")] == [4] * 6
