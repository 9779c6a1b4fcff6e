"""One witness asked for one cosignature, by the C2SP witness protocol."""

from dataclasses import dataclass

import httpx

from stimme.apps.ballot import publisher
from stimme.apps.ballot.models import Standing
from stimme.engines.translog import (
    Checkpoint,
    KnownWitness,
    LogError,
    Tree,
    add_cosignatures,
    build_request,
    cosigned_at,
    split_note,
    verify_consistency,
)

SECONDS = 5  # for a round: all witnesses are asked at the same time
_MOST_BYTES = 10_000  # a few signature lines
_MOST_DIGITS = 19
_REFUSALS = {400, 403, 404}


@dataclass(frozen=True, slots=True)
class Reply:
    """How a witness stands, why if it did not cosign, and its signature line if it did."""

    witness: KnownWitness
    standing: Standing
    reason: str = ""
    cosignature: str = ""

    @property
    def name(self) -> str:
        return self.witness.verifier.name


class _Failed(Exception):
    """A witness did not cosign."""

    def __init__(self, standing: Standing, reason: str) -> None:
        super().__init__(reason)
        self.standing = standing


def ask(witness: KnownWitness, checkpoint: str, old: int) -> Reply:
    """Ask for a cosignature; `old` is the size that the witness is expected to have seen."""
    try:
        line = _cosignature(witness, checkpoint, _answer(witness, checkpoint, old))
    except _Failed as error:
        return Reply(witness, error.standing, str(error))
    except httpx.TimeoutException:
        return Reply(witness, Standing.SLOW, f"it did not answer within {SECONDS} seconds")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Reply(witness, Standing.DOWN, f"it cannot be reached: {error}")
    return Reply(witness, Standing.COSIGNED, cosignature=line)


def _answer(witness: KnownWitness, checkpoint: str, old: int) -> str:
    """What it answered with 200. One that is at another size says so, and is sent from there."""
    new = Checkpoint.parse(split_note(checkpoint)[0])
    status, body = _post(witness, checkpoint, old, new)
    seen = _size_in(body) if status == httpx.codes.CONFLICT else None
    if seen is not None and seen != old and seen <= new.size:
        old = seen
        status, body = _post(witness, checkpoint, old, new)
    if status == httpx.codes.OK:
        return body
    raise _failed(witness.verifier.name, status, body, old, new.size)


def _size_in(body: str) -> int | None:
    text = body.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def _failed(name: str, status: int, body: str, old: int, size: int) -> _Failed:
    """What an answer that is no cosignature means, `old` being the size we sent the proof from."""
    told = f"it answered {status} {body.strip()[:200]!r}"
    seen = _size_in(body) if status == httpx.codes.CONFLICT else None
    if seen is not None and seen > size:
        reason = f"The witness {name} has seen {seen} lines of this log, the database holds {size}."
        return _Failed(Standing.AHEAD, reason)
    if _saw_another(status, seen, old, size):
        reason = f"The witness {name} has seen another history of the first {old} lines."
        return _Failed(Standing.FORKED, reason)
    if status in _REFUSALS:
        return _Failed(Standing.REFUSING, told)
    if seen not in (None, old):
        return _Failed(Standing.BEHIND, told)
    lying = status in {httpx.codes.CONFLICT, httpx.codes.UNPROCESSABLE_ENTITY}
    return _Failed(Standing.LYING if lying else Standing.DOWN, told)


def _saw_another(status: int, seen: int | None, old: int, size: int) -> bool:
    """Whether it has cosigned another root of a size that we both know.

    Either it says so for the size that it was asked to cosign, or a proof that we have checked
    does not lead on from the root that it remembers.
    """
    if status == httpx.codes.CONFLICT:
        return 0 < old == size and seen in (None, size)
    return status == httpx.codes.UNPROCESSABLE_ENTITY and old > 0


def _post(witness: KnownWitness, checkpoint: str, old: int, new: Checkpoint) -> tuple[int, str]:
    request = build_request(old, _proof(old, new), checkpoint)
    address = f"{witness.url.rstrip('/')}/add-checkpoint"
    headers = {"Accept-Encoding": "identity"}
    body = b""
    with httpx.stream(
        "POST", address, content=request, headers=headers, timeout=SECONDS
    ) as response:
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > _MOST_BYTES:
                raise _Failed(Standing.LYING, "its answer is too long")
    return response.status_code, body.decode(errors="replace")


def _proof(old: int, new: Checkpoint) -> list[bytes]:
    """The way from one size to our checkpoint, held against the files it is made of."""
    if not 0 < old < new.size:
        return []
    tree = Tree(publisher.read, new.size)
    try:
        proof = tree.consistency_path(old)
        verify_consistency(old, new.size, proof, tree.root_at(old), new.root)
    except (LogError, OSError) as error:
        raise _Failed(Standing.UNPROVEN, f"our files give no proof from {old}: {error}") from error
    return proof


def _cosignature(witness: KnownWitness, checkpoint: str, body: str) -> str:
    """Its newest valid line; lines of other keys are no business of ours."""
    found: dict[int, str] = {}
    try:
        for line in body.split("\n")[:-1]:
            moment = cosigned_at(add_cosignatures(checkpoint, [line]), witness.verifier)
            if moment is not None:
                found[moment] = line
    except LogError as error:
        raise _Failed(Standing.LYING, f"its answer is no signature: {error}") from error
    if not found:
        raise _Failed(Standing.LYING, "its cosignature is not valid")
    return found[max(found)]
