"""Voters who vote, change and ask again: each remembers what was answered."""

import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stimme.apps.ballot import papers
from stimme.apps.ballot.stores import Directory
from stimme.engines.translog import (
    Read,
    Report,
    Tree,
    VoteLine,
    audit,
    b64,
    hour_of,
    unsigned_vote,
    vote_signing_text,
)
from tests.crash.instances import Instance

OK, BUSY, TOO_OFTEN = 200, 503, 429
_LONG_AFTER = 3600  # seconds: every promise is due
_TIMEOUT = 10.0


class Away(Exception):
    """No answer came: whether the vote counts is for the next answer to tell."""


@dataclass
class Voter:
    """One seat. `choice` and `seq` are those of the last vote that was acknowledged."""

    cid: str
    p: str
    session: str
    paper: str
    key: Ed25519PrivateKey | None
    choice: str = ""
    seq: int = -1
    # Asked for and not answered yet.
    open: str = ""

    def ballot(self, origin: str, choice: str) -> dict[str, Any]:
        plain = {"paper": self.paper, "choice": choice}
        return plain if self.key is None else {**plain, **self._signed(self.key, origin, choice)}

    def _signed(self, key: Ed25519PrivateKey, origin: str, choice: str) -> dict[str, Any]:
        seq, hour = self.seq + 1, hour_of(datetime.now(UTC))
        vk = b64(key.public_key().public_bytes_raw())
        line = unsigned_vote(self.cid, self.p, seq, choice, "0", hour, vk)
        sig = b64(key.sign(vote_signing_text(origin, line)))
        return {"seq": seq, "hour": hour, "vk": vk, "sig": sig}


@dataclass
class Storm:
    """Everybody who ever voted in the storms on one instance, and all that they were told."""

    instance: Instance
    crowd: int = 6
    random: Random = field(default_factory=lambda: Random(secrets.randbits(64)))
    voters: list[Voter] = field(default_factory=list)
    # (line, promise) of every acknowledged vote.
    receipts: list[tuple[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    checkpoints: list[str] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @contextmanager
    def blowing(self, port: int = 0) -> Iterator[None]:
        """Let the crowd vote while the block runs; nobody is in the middle of it afterwards."""
        stop = threading.Event()
        crowd = [
            threading.Thread(
                target=self._vote_until, args=[stop, self.random.getrandbits(64), port]
            )
            for _ in range(self.crowd)
        ]
        for one in crowd:
            one.start()
        try:
            yield
        finally:
            stop.set()
            for one in crowd:
                one.join()

    def _vote_until(self, stop: threading.Event, seed: int, port: int) -> None:
        random, own = Random(seed), list[Voter]()
        line = _Line(port or self.instance.port)
        while not stop.is_set():
            if not own or random.random() < 0.6:
                own.append(self._newcomer(random))
            voter = random.choice(own[-20:])
            choices = {"for", "against", "withdrawn" if voter.choice else "for"} - {voter.choice}
            voter.open = voter.open or random.choice(sorted(choices))
            try:
                self._ask(line, voter)
            except Away:
                time.sleep(0.01)  # as a browser would, which tries again
        line.close()

    def _newcomer(self, random: Random) -> Voter:
        cid, p = random.choice(self.instance.cids), b64(random.randbytes(16))
        session = random.randbytes(16).hex()
        paper = papers.issue(self.instance.paper_key, session, cid=cid, pseudonym=p, level=0)
        key = Ed25519PrivateKey.generate() if random.random() < 0.2 else None
        voter = Voter(cid, p, session, paper, key)
        self.voters.append(voter)
        return voter

    def settle(self, port: int = 0) -> None:
        """Everybody who got no answer asks again, and now gets one."""
        line = _Line(port or self.instance.port)
        for voter in self.voters:
            for _ in range(100):
                if not voter.open:
                    break
                with suppress(Away):
                    self._ask(line, voter)
                    continue
                time.sleep(0.1)
            else:
                self.faults.append(f"{voter.p} never got an answer")
        line.close()

    def _ask(self, line: "_Line", voter: Voter) -> None:
        ballot = voter.ballot(self.instance.origin, voter.open)
        status, answer = line.post(ballot, voter.session)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status == OK:
            self._believe(voter, answer)
        elif status in {TOO_OFTEN, BUSY}:
            voter.open = "" if status == TOO_OFTEN else voter.open
            if status == BUSY:
                raise Away
        else:
            voter.open = ""
            self.faults.append(f"{status}: {answer}")

    def _believe(self, voter: Voter, answer: dict[str, Any]) -> None:
        said = VoteLine.parse(answer["line"])
        if (said.cid, said.pseudonym, said.choice) != (voter.cid, voter.p, voter.open):
            self.faults.append(f"{voter} was answered {said}")
        if said.seq != voter.seq + 1:
            self.faults.append(f"{voter} was answered number {said.seq}")
        voter.choice, voter.seq, voter.open = said.choice, said.seq, ""
        self.receipts.append((answer["line"], answer["promise"]))

    def judge(self, *, sample: int = 400) -> Report:
        """Seal, and hold log and database to every answer that was given.

        Of the promises a sample is checked one by one, since each costs two signatures.
        """
        assert self.faults == []
        held = self.instance.inside("holds")
        report = self.audited(sample)
        entries = self._entries(report)
        lost = [line for line, _ in self.receipts if line not in entries]
        assert lost == []
        assert (held["pending"], held["wrong_tallies"]) == (0, [])
        assert held["entries"] == len(entries) == report.size
        self._judge_seats(held["seats"])
        counted = [(c, choice, level, number) for c, choice, level, number in held["counted"]]
        live = {(*row[:3],): row[3] for row in counted if row[1] != "withdrawn"}
        assert report.tallies == live
        return report

    def _judge_seats(self, lines: list[str]) -> None:
        """The seat holds what its voter was told last, and nobody else has one."""
        seats = {(line.cid, line.pseudonym): line for line in map(VoteLine.parse, lines)}
        for voter in self.voters:
            held = seats.pop((voter.cid, voter.p), None)
            if voter.open:
                continue
            told = (voter.choice, voter.seq) if voter.choice else None
            assert (held and (held.choice, held.seq)) == told
        assert seats == {}

    def audited(self, sample: int = 0) -> Report:
        """The log as an outsider judges it, with all that was published before."""
        read = log_of(self.instance.home)
        chosen = self.random.sample(self.receipts, min(sample, len(self.receipts)))
        report = audit(
            read,
            self.instance.log_key.verifier,
            self.instance.origin,
            earlier=self.checkpoints,
            receipts=[promise for _, promise in chosen],
            receipt_verifier=self.instance.receipt_key.verifier,
            now=int(time.time()) + _LONG_AFTER,
        )
        assert report.alarms == [], report.alarms
        self.checkpoints.append(report.checkpoint)
        return report

    def keep_checkpoint(self) -> None:
        with suppress(FileNotFoundError):
            self.checkpoints.append((self.instance.home / "log" / "checkpoint").read_text())

    def _entries(self, report: Report) -> set[str]:
        tree = Tree(log_of(self.instance.home), report.size)
        return {entry.decode() for entry in tree.entries(0, report.size)}


def log_of(home: Path) -> Read:
    return Directory(home / "log").read


class _Line:
    """A connection that is opened again when it broke."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: HTTPConnection | None = None

    def post(self, ballot: dict[str, Any], session: str) -> tuple[int, dict[str, Any]]:
        """Raises Away."""
        headers = {"Content-Type": "application/json", "Cookie": f"stimme_session={session}"}
        try:
            connection = self._connection or self._open()
            connection.request("POST", "/ballot", json.dumps(ballot), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, HTTPException, ValueError) as error:
            self.close()
            raise Away from error

    def _open(self) -> HTTPConnection:
        self._connection = HTTPConnection("127.0.0.1", self._port, timeout=_TIMEOUT)
        return self._connection

    def close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None
