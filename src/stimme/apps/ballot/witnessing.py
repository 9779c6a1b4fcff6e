"""Our instance as a witness for the logs of others, by the C2SP witness protocol."""

import time
from base64 import b64decode, b64encode

from django.conf import settings
from django.db import transaction

from stimme.apps.ballot.log_keys import witness_cosigner
from stimme.apps.ballot.models import WitnessedLog
from stimme.engines.translog import (
    EMPTY_ROOT,
    Answer,
    RequestError,
    Verifier,
    decide,
    parse_request,
)


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
