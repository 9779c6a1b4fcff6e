"""The witnesses of this log, asked to cosign each checkpoint before it is published.

The policy says who they are and whose cosignatures are enough; why a missing quorum holds the
checkpoint back is told in docs/develop/decisions/0005-a-missing-quorum-holds-the-log-back.md.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Thread

from django.conf import settings
from django.utils import timezone

from stimme.apps.ballot import publisher
from stimme.apps.ballot.asking import SECONDS, Reply, ask
from stimme.apps.ballot.models import AskedWitness, Standing
from stimme.apps.ballot.witness_metrics import measure
from stimme.engines.translog import (
    KnownWitness,
    Policy,
    add_cosignatures,
    cosigned_at,
    split_note,
)

logger = logging.getLogger(__name__)


class WitnessContradicts(Exception):
    """A witness has seen another history of this log than the database tells."""


class WitnessAhead(WitnessContradicts):
    """A witness has seen more of this log than the database holds."""


@dataclass(frozen=True, slots=True)
class Round:
    """A checkpoint with the cosignatures it has now, and whether they are enough."""

    checkpoint: str
    quorum: str
    reached: bool
    replies: Sequence[Reply] = ()

    @property
    def complaint(self) -> str:
        missing = [one for one in self.replies if one.standing != Standing.COSIGNED]
        told = "; ".join(f"{one.name} is {one.standing}: {one.reason}" for one in missing)
        return f"the quorum {self.quorum!r} is not reached ({told})"

    def adds_to(self, published: str | None) -> bool:
        """Whether this says more than the published note: another tree, or another signer."""
        return published is None or not _parts(self.checkpoint) <= _parts(published)


def _parts(note: str) -> set[object]:
    text, signatures = split_note(note)
    return {text, *((one.name, one.key_id) for one in signatures)}


@dataclass(frozen=True, slots=True)
class WitnessState:
    """How the witnesses of the policy stood in the last round; those never asked are left out."""

    quorum: str
    reached: bool
    witnesses: Sequence[AskedWitness]


def state() -> WitnessState | None:
    """Return what the last round saw, for metrics and pages; None without a policy."""
    policy = settings.STIMME.policy()
    if policy is None:
        return None
    rows = AskedWitness.objects.in_bulk([one.verifier.vkey for one in policy.witnesses])
    known = {one.name: rows.get(one.verifier.vkey) for one in policy.witnesses}
    asked = {name: row for name, row in known.items() if row}
    cosigned = [name for name, row in asked.items() if row.standing == Standing.COSIGNED]
    return WitnessState(policy.quorum, policy.is_reached(cosigned), list(asked.values()))


def ask_witnesses(checkpoint: str) -> Round:
    """Ask all witnesses of the policy to cosign our signed checkpoint.

    One that is down, slow or wrong is left out, and told by `state`. Raises WitnessContradicts
    when one has seen more of this log, or another history: then this database has lost a part
    of the log, or somebody else signs with our key.
    """
    policy = settings.STIMME.policy()
    if policy is None:
        measure({}, reached=True)
        return Round(checkpoint, "none", reached=True)
    replies = _ask_all(policy.witnesses, checkpoint)
    for one in replies:
        if one.standing != Standing.COSIGNED:
            logger.warning("witness %s is %s: %s", one.name, one.standing, one.reason)
    rows = _record(replies)
    note = add_cosignatures(checkpoint, _lines(policy, rows, checkpoint))
    reached = policy.is_reached(policy.cosigned(note))
    measure({one.name: one.standing == Standing.COSIGNED for one in replies}, reached=reached)
    _refuse_contradiction(replies)
    return Round(note, policy.quorum, reached, replies)


def _record(replies: Sequence[Reply]) -> Sequence[AskedWitness]:
    """Keep the answers. What a witness cosigned once stays good though it is away now."""
    known = dict(AskedWitness.objects.values_list("vkey", "cosignature"))
    now = timezone.now()
    rows = [
        AskedWitness(
            vkey=one.witness.verifier.vkey,
            standing=one.standing,
            asked_at=now,
            cosignature=one.cosignature or known.get(one.witness.verifier.vkey, ""),
        )
        for one in replies
    ]
    return AskedWitness.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["vkey"],
        update_fields=["standing", "asked_at", "cosignature"],
    )


def _refuse_contradiction(replies: Sequence[Reply]) -> None:
    for one in replies:
        if one.standing == Standing.AHEAD:
            raise WitnessAhead(one.reason)
        if one.standing == Standing.FORKED:
            raise WitnessContradicts(one.reason)


def _lines(policy: Policy, rows: Sequence[AskedWitness], checkpoint: str) -> list[str]:
    """The cosignatures that are for this very checkpoint."""
    verifiers = {one.verifier.vkey: one.verifier for one in policy.witnesses}
    return [
        row.cosignature
        for row in rows
        if row.cosignature
        and cosigned_at(add_cosignatures(checkpoint, [row.cosignature]), verifiers[row.vkey])
        is not None
    ]


class _Asking(Thread):
    """One witness being asked about one checkpoint."""

    def __init__(self, witness: KnownWitness, checkpoint: str, old: int) -> None:
        super().__init__(name=f"witness {witness.verifier.name}", daemon=True)
        self._witness, self._checkpoint, self._old = witness, checkpoint, old
        self._reply: Reply | None = None

    def run(self) -> None:
        self._reply = ask(self._witness, self._checkpoint, self._old)

    def reply_to(self, checkpoint: str) -> Reply:
        if self._reply and self._checkpoint == checkpoint:
            return self._reply
        return Reply(self._witness, Standing.SLOW, f"it did not answer within {SECONDS} seconds")


# A witness that drips its answer is asked anew only when that has come to an end.
_asking: dict[str, _Asking] = {}


def _ask_all(witnesses: Sequence[KnownWitness], checkpoint: str) -> Sequence[Reply]:
    old = publisher.size_of(publisher.published_checkpoint())
    asked = [_started(one, checkpoint, old) for one in witnesses]
    until = time.monotonic() + SECONDS
    for one in asked:
        one.join(max(0, until - time.monotonic()))
    return [one.reply_to(checkpoint) for one in asked]


def _started(witness: KnownWitness, checkpoint: str, old: int) -> _Asking:
    running = _asking.get(witness.verifier.vkey)
    if running and running.is_alive():
        return running
    asking = _asking[witness.verifier.vkey] = _Asking(witness, checkpoint, old)
    asking.start()
    return asking
