"""A promise: one spelling, and it binds us only to a line that we promised."""

from base64 import b64decode

from stimme.engines.translog import (
    LogError,
    NoteError,
    PromiseFile,
    ProofError,
    promise_batch,
    promise_text,
    sign,
    split_note,
    verify_promise,
)
from stimme.engines.translog.receipts import Receipts
from tests.unit.translog.small_log import EXAMPLE, LOG_KEY, ORIGIN, RECEIPT_KEY

DUE = 1_803_906_000
BATCHES = [promise_batch(RECEIPT_KEY, ORIGIN, EXAMPLE[:n], DUE) for n in range(1, len(EXAMPLE) + 1)]
NOW = DUE - 60


def check(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    try:
        promise = PromiseFile.parse(text)
    except ProofError:
        return
    assert promise.encode() == text
    try:
        promised = verify_promise(promise, RECEIPT_KEY.verifier, ORIGIN)
    except LogError:
        pass
    else:
        assert (promised.line, promised.deadline) == (EXAMPLE[promise.index], DUE)
        assert any(promise in batch for batch in BATCHES)
    by_a_liar(promise)


def by_a_liar(promise: PromiseFile) -> None:
    """The operator may sign any text of a promise: the audit says what it is worth."""
    try:
        text = split_note(promise.note)[0]
        note = sign(text, [RECEIPT_KEY])
    except NoteError:
        return
    forged = PromiseFile(promise.extra, promise.index, promise.path, note).encode()
    receipts = Receipts([forged], LOG_KEY.verifier, RECEIPT_KEY.verifier, ORIGIN)
    receipts.look(0, [], [])
    faults = receipts.judge(lambda _index: None, 0, NOW)
    assert len(faults) + len(receipts.notes) == 1
    if faults and "proves nothing" in faults[0]:
        return
    _, size, root, deadline = text.removesuffix("\n").split("\n")
    assert text == promise_text(ORIGIN, int(size), b64decode(root), int(deadline))
    assert promise.index < int(size)
