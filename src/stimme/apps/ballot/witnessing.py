"""Witnesses: outsiders who cosign a log only while it grows without changing its past.

Both directions of the C2SP witness protocol (specification, section 1): this log asks its
witnesses, and this instance is a witness for the logs of others.
"""

import logging
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.db import transaction

from stimme.apps.ballot import publisher
from stimme.apps.ballot.log_keys import witness_cosigner
from stimme.apps.ballot.models import WitnessedLog
from stimme.engines.translog import (
    EMPTY_ROOT,
    Answer,
    CosignatureVerifier,
    LogError,
    RequestError,
    Tree,
    Verifier,
    add_cosignatures,
    build_request,
    cosigned_at,
    decide,
    parse_request,
)

logger = logging.getLogger(__name__)
_TIMEOUT = 5  # seconds for one witness: a slow one delays the checkpoint, it does not stop it
_MOST_BYTES = 10_000  # a few signature lines
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class WitnessAhead(Exception):
    """A witness has seen more of this log than the database holds."""


@dataclass(frozen=True, slots=True)
class Witness:
    verifier: CosignatureVerifier
    url: str


def witnesses() -> list[Witness]:
    """The witnesses of STIMME_WITNESSES. Raises ValueError for one that is not https."""
    words = settings.STIMME.witnesses.split()
    pairs = zip(words[::2], words[1::2], strict=True)
    return [Witness(CosignatureVerifier.from_vkey(vkey), _secure(url)) for vkey, url in pairs]


def _secure(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        message = f"a witness must be asked over https: {url}"
        raise ValueError(message)
    return url.rstrip("/")


def cosigned(checkpoint: str) -> str:
    """Return the checkpoint with the cosignatures of all witnesses that answer well.

    A witness that is down, slow or wrong is logged and left out. Raises WitnessAhead when
    one of them knows a larger size: then this database has lost a part of the log.
    """
    lines = [line for witness in witnesses() for line in _ask(witness, checkpoint)]
    return add_cosignatures(checkpoint, lines)


def _ask(witness: Witness, checkpoint: str) -> Iterator[str]:
    try:
        answer = _add_checkpoint(witness, checkpoint)
        yield from _checked(witness, checkpoint, answer)
    except (httpx.HTTPError, LogError, ValueError) as error:
        logger.warning("witness %s did not cosign: %s", witness.verifier.name, error)


def _add_checkpoint(witness: Witness, checkpoint: str) -> str:
    """Send the checkpoint; a witness that is at another size says so, and is sent from there."""
    size = publisher.size_of(checkpoint)
    old = publisher.size_of(publisher.published_checkpoint())
    status, body = _post(witness, checkpoint, old)
    if status == httpx.codes.CONFLICT and body.strip().isdigit():
        old = int(body)
        if old > size:
            message = (
                f"The witness {witness.verifier.name} has seen {old} lines of this log, "
                f"the database holds only {size}."
            )
            raise WitnessAhead(message)
        status, body = _post(witness, checkpoint, old)
    if status != httpx.codes.OK:
        message = f"it answered {status} {body[:200].strip()}"
        raise ValueError(message)
    return body


def _post(witness: Witness, checkpoint: str, old: int) -> tuple[int, str]:
    size = publisher.size_of(checkpoint)
    proof = Tree(publisher.read, size).consistency_path(old) if 0 < old < size else []
    request = build_request(old, proof, checkpoint)
    address = f"{witness.url}/add-checkpoint"
    with httpx.stream("POST", address, content=request, timeout=_TIMEOUT) as response:
        body = b""
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > _MOST_BYTES:
                message = "its answer is too long"
                raise ValueError(message)
    return response.status_code, body.decode()


def _checked(witness: Witness, checkpoint: str, answer: str) -> Iterator[str]:
    for line in answer.splitlines():
        if cosigned_at(add_cosignatures(checkpoint, [line]), witness.verifier) is None:
            message = "its cosignature is not valid"
            raise ValueError(message)
        yield line


@transaction.atomic
def add_checkpoint(body: bytes) -> Answer:
    """Answer a log that asks this instance for a cosignature.

    What was cosigned is committed before the answer leaves, under a lock on the log's row,
    so this witness never signs two histories.
    """
    try:
        request = parse_request(body)
    except RequestError as error:
        return Answer(400, f"{error}\n")
    verifiers = [one for one in _trusted() if one.name == request.origin]
    if not verifiers:
        return decide(request, None, [], witness_cosigner(), 0)
    WitnessedLog.objects.get_or_create(
        origin=request.origin, defaults={"root": b64encode(EMPTY_ROOT).decode()}
    )
    row = WitnessedLog.objects.select_for_update().get(origin=request.origin)
    stored = row.size, b64decode(row.root)
    answer = decide(request, stored, verifiers, witness_cosigner(), int(time.time()))
    if answer.new_state:
        size, root = answer.new_state
        row.size, row.root = size, b64encode(root).decode()
        row.save(update_fields=["size", "root"])
    return answer


def _trusted() -> list[Verifier]:
    return [Verifier.from_vkey(vkey) for vkey in settings.STIMME.witness_for.split()]
