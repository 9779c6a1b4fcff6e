"""A storm of votes, and what its voters were told."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from .apart import apart
from .load import Address, Load, body_of, insist, repeat, request, run, status_of

SAMPLE = 200  # promises whose signature and path are verified after a storm
WARM_UP = 1.0  # seconds of a storm that are not counted
_OK = 200


@dataclass(frozen=True, slots=True)
class Ballot:
    """What one voter sends: their session cookie, and the fields of the vote."""

    session: str
    fields: dict[str, str | int]

    def request(self, host: str) -> bytes:
        """The vote as the page's script sends it."""
        headers = [f"Cookie: stimme_session={self.session}", "Content-Type: application/json"]
        body = json.dumps(self.fields).encode()
        return request("POST", "/ballot", host=host, body=body, headers=headers)


@dataclass(slots=True)
class Storm:
    """A load of votes. `lines` are in the answers that say a vote counts; `promises` a few."""

    load: Load
    lines: list[str] = field(default_factory=list)
    promises: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, load: Load, answers: Sequence[bytes]) -> "Storm":
        receipts = [json.loads(body_of(one)) for one in answers if status_of(one) == _OK]
        every = max(1, len(receipts) // SAMPLE)
        promises = [receipt["promise"] for receipt in receipts[::every]]
        return cls(load, [receipt["line"] for receipt in receipts], promises)

    @property
    def rate(self) -> float:
        """Votes with receipt per second."""
        taken = self.load.statuses.get(_OK, 0)
        return taken / self.load.seconds if self.load.seconds else 0.0

    @property
    def unanswered(self) -> int:
        return sum(self.load.errors.values())


def storm(
    ballots: Sequence[Ballot],
    address: Address,
    *,
    host: str,
    connections: int,
    seconds: float,
    tls: bool = False,
    patient: bool = False,
) -> Storm:
    """Let so many connections vote as fast as they are answered, each ballot once.

    The `patient`, when turned away, come again as the server asks them to.
    """
    requests = [ballot.request(host) for ballot in ballots]
    talk = insist if patient else repeat

    def work() -> Storm:
        answers: list[bytes] = []
        waiting = iter(requests)
        talks = [talk(waiting, answers.append) for _ in range(connections)]
        load = run(address, talks, seconds=seconds, warm_up=WARM_UP, tls=tls)
        return Storm.of(load, answers)

    return apart(work)
