"""An instance under storms: each with new voters, and every one of them held to the database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from .instance import Instance, Server, instance
from .load import Address
from .postgres import Cluster
from .storm import Ballot, Storm, storm

FASTEST = 15_000  # votes a second that ballots are made for; faster, and a storm ends sooner


@dataclass(slots=True)
class Trial:
    """A served instance. `lines` and `promises` are those of all storms since the last proof."""

    made: Instance
    server: Server
    lines: list[str] = field(default_factory=list)
    promises: list[str] = field(default_factory=list)
    unanswered: int = 0

    def ballots(
        self, number: int, *, boxes: Sequence[str] = (), keyed: bool = False
    ) -> list[Ballot]:
        """Make ballots of new voters, in these boxes in turn; in a new one by default."""
        cids = boxes or self.made.do(lambda inside: inside.open_boxes(1))
        each = -(-number // len(cids))
        return self.made.do(lambda inside: inside.ballots(cids, each, keyed=keyed))

    def storm(
        self,
        ballots: Sequence[Ballot],
        *,
        connections: int = 512,
        seconds: float,
        through: Address | None = None,
        patient: bool = False,
    ) -> tuple[Storm, float]:
        """Return the storm, and the server's CPU seconds for each vote that was taken."""
        before = self.server.cpu()
        done = storm(
            ballots,
            through or self.server.address,
            host=self.made.host,
            connections=connections,
            seconds=seconds,
            tls=through is not None,
            patient=patient,
        )
        used = self.server.cpu() - before
        self.remember(done)
        print(f"  {connections} connections: {done.load}", flush=True)
        return done, used / max(1, len(done.lines))

    def remember(self, done: Storm) -> None:
        self.lines += done.lines
        self.promises += done.promises
        self.unanswered += done.unanswered

    def prove(self) -> int:
        """Hold the database to all answers, and return how many votes that were.

        Raises Failed.
        """
        lines, promises, unanswered = self.lines, self.promises, self.unanswered
        self.made.do(lambda inside: inside.prove(lines, promises, unanswered))
        self.lines, self.promises, self.unanswered = [], [], 0
        return len(lines)


@contextmanager
def trial(
    port: int,
    on: Cluster | None = None,
    *,
    accounts: int,
    options: Sequence[str] = (),
    under: Sequence[str] = (),
    **settings: str,
) -> Iterator[Trial]:
    """Serve a new instance; `options` are those of `stimme serve`.

    Afterwards all is proven, sealed and audited.
    """
    with instance(port, on, accounts=accounts, **settings) as made:
        with made.serving(options, under=under) as server:
            one = Trial(made, server)
            yield one
        finish(one)


def finish(one: Trial) -> None:
    votes = one.prove()
    report = one.made.audit()
    told = f"{votes:,} receipts, tallies, promises; log of {report['size']:,} lines, no alarm"
    print(f"  proven: {told}", flush=True)
