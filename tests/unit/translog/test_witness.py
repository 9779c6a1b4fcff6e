import pytest

from stimme.engines.translog import (
    EMPTY_ROOT,
    Answer,
    Checkpoint,
    Cosigner,
    RequestError,
    Signer,
    Tree,
    add_cosignatures,
    build_request,
    cosigned_at,
    decide,
    parse_request,
    sign,
)
from tests.unit.translog.small_log import LOG_KEY, ORIGIN, SmallLog, many_votes, secret

WITNESS = Cosigner.from_seed("witness.example/w1", secret("witness"))
NOW = 1_800_000_000
LOG = SmallLog.of(many_votes(2), many_votes(3, "A" * 22))
ROOTS = [Tree(LOG.read, size).root() for size in (3, 7)]


def ask(
    old: int,
    proof: list[bytes],
    checkpoint: str,
    stored: tuple[int, bytes] | None,
    keys: tuple[Signer, ...] = (LOG_KEY,),
) -> Answer:
    request = parse_request(build_request(old, proof, checkpoint))
    return decide(request, stored, [key.verifier for key in keys], WITNESS, NOW)


def test_the_first_checkpoint_is_cosigned_and_kept() -> None:
    answer = ask(0, [], LOG.checkpoints[0], None)
    assert (answer.status, answer.new_state) == (200, (3, ROOTS[0]))
    note = add_cosignatures(LOG.checkpoints[0], answer.body.splitlines())
    assert cosigned_at(note, WITNESS.verifier) == NOW


def test_a_consistent_later_checkpoint_is_cosigned() -> None:
    proof = Tree(LOG.read, 7).consistency_path(3)
    answer = ask(3, proof, LOG.checkpoints[1], (3, ROOTS[0]))
    assert (answer.status, answer.new_state) == (200, (7, ROOTS[1]))


def test_the_same_checkpoint_is_cosigned_again() -> None:
    assert ask(7, [], LOG.checkpoints[1], (7, ROOTS[1])).status == 200


def test_an_unknown_origin_is_404() -> None:
    assert ask(0, [], LOG.checkpoints[0], None, ()) == Answer(
        404, "This witness does not know the origin.\n"
    )


def test_an_untrusted_or_wrong_signature_is_403() -> None:
    stranger = Signer.from_seed(ORIGIN, secret("stranger"))
    assert ask(0, [], LOG.checkpoints[0], None, (stranger,)).status == 403
    forged = LOG.checkpoints[0].replace("\n3\n", "\n4\n")
    assert ask(0, [], forged, None).status == 403


def test_an_old_size_above_the_checkpoint_s_is_400() -> None:
    assert ask(8, [], LOG.checkpoints[1], (8, ROOTS[1])).status == 400


def test_another_old_size_is_409_with_the_size_last_cosigned() -> None:
    answer = ask(0, [], LOG.checkpoints[1], (3, ROOTS[0]))
    assert answer == Answer(409, "3\n", "text/x.tlog.size")
    assert ask(3, [], LOG.checkpoints[1], None).body == "0\n"


def test_another_root_of_the_same_size_is_409() -> None:
    fork = sign(Checkpoint(ORIGIN, 7, ROOTS[0]).encode(), [LOG_KEY])
    assert ask(7, [], fork, (7, ROOTS[1])).status == 409


def test_a_bad_proof_is_422() -> None:
    proof = Tree(LOG.read, 7).consistency_path(3)
    for wrong in ([], proof[:-1], [*proof, EMPTY_ROOT], proof[::-1]):
        answer = ask(3, wrong, LOG.checkpoints[1], (3, ROOTS[0]))
        assert (answer.status, answer.new_state) == (422, None)
    assert ask(0, [EMPTY_ROOT], LOG.checkpoints[0], None).status == 422


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"old 0\n",
        b"old 0\n\n",
        b"old 00\n\n" + LOG.checkpoints[0].encode(),
        b"new 0\n\n" + LOG.checkpoints[0].encode(),
        b"old 0\nAAAA\n\n" + LOG.checkpoints[0].encode(),
        b"old 0\n" + b"A" * 43 + b"=\n" * 64 + b"\n" + LOG.checkpoints[0].encode(),
        build_request(0, [EMPTY_ROOT] * 64, LOG.checkpoints[0]),
        build_request(0, [], sign("no checkpoint\n", [LOG_KEY])),
        build_request(0, [], LOG.checkpoints[0] + "x" * 1_000_000),
    ],
)
def test_malformed_requests_are_refused(body: bytes) -> None:
    with pytest.raises(RequestError):
        parse_request(body)


def test_a_request_tells_its_origin_before_it_is_trusted() -> None:
    assert parse_request(build_request(0, [], LOG.checkpoints[0])).origin == ORIGIN
