"""A log asks this witness: one spelling, a documented answer, never two histories."""

from stimme.engines.translog import (
    EMPTY_ROOT,
    AddCheckpoint,
    Cosigner,
    NoteError,
    RequestError,
    add_cosignatures,
    cosigned_at,
    decide,
    parse_request,
    sign,
    split_note,
)
from tests.unit.translog.small_log import EXAMPLE, LOG_KEY, SmallLog, secret

LOG = SmallLog.of(EXAMPLE[:1], EXAMPLE[1:3], EXAMPLE[3:])
WITNESS = Cosigner.from_seed("witness.example/w1", secret("witness"))
NOW = 1_800_000_000


def states() -> list[tuple[int, bytes]]:
    notes = [AddCheckpoint(0, (), note).content for note in LOG.checkpoints]
    return [(0, EMPTY_ROOT), *((one.size, one.root) for one in notes)]


STATES = states()


def check(data: bytes) -> None:
    try:
        request = parse_request(data)
    except RequestError:
        return
    assert request.encode() == data
    assert len(request.proof) <= 63
    assert all(len(one) == 32 for one in request.proof)
    assert decide(request, None, [], WITNESS, NOW).status == 404
    for state in STATES:
        answer = decide(request, state, [LOG_KEY.verifier], WITNESS, NOW)
        assert answer.status in (200, 400, 403, 409, 422)
        assert answer.new_state is None or answer.new_state in STATES
    try:
        note = sign(split_note(request.checkpoint)[0], [LOG_KEY])
    except NoteError:
        return
    by_a_liar(AddCheckpoint(request.old_size, request.proof, note))


def by_a_liar(request: AddCheckpoint) -> None:
    """The log itself may sign anything: it never goes back, and cosigns nothing at a size twice."""
    for size, root in STATES:
        answer = decide(request, (size, root), [LOG_KEY.verifier], WITNESS, NOW)
        if answer.status != 200:
            assert answer.new_state is None
            continue
        assert answer.new_state == (request.content.size, request.content.root)
        assert request.old_size == size
        assert request.content.size > size or answer.new_state == (size, root)
        note = add_cosignatures(request.checkpoint, answer.body.splitlines())
        assert cosigned_at(note, WITNESS.verifier) == NOW
