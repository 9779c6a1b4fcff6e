"""Two instances in processes of their own: each is the witness of the other."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

import httpx
import pytest

from stimme import cli, keys
from stimme.engines.translog import Cosigner, Signer, split_note

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Instance:
    """Its keys are read from its home, as its operator would hand them to the other."""

    home: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Signer:
        return Signer.from_seed(f"127.0.0.1:{self.port}/log", keys.load(self.home / "keys", "log"))

    @property
    def witness(self) -> Cosigner:
        seed = keys.load(self.home / "keys", "witness")
        return Cosigner.from_seed(f"127.0.0.1:{self.port}/witness", seed)

    def policy_of(self, other: "Instance") -> str:
        """Believe this log once the other has cosigned."""
        path = self.home / "policy"
        address = f"{other.url}/witness"
        path.write_text(
            f"log {self.log.vkey}\nwitness other {other.witness.vkey} {address}\nquorum other\n"
        )
        return str(path)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextmanager
def serving(one: Instance, other: Instance) -> Iterator[IO[str]]:
    """Give what the instance says while it runs."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("STIMME_")}
    environment = {
        **own,
        "PYTHONPATH": str(REPOSITORY / "src"),
        "STIMME_HOME": str(one.home),
        "STIMME_URL": one.url,
        "STIMME_SEAL_INTERVAL": "1",
        "STIMME_WITNESS_FOR": other.log.vkey,
        "STIMME_WITNESS_POLICY": one.policy_of(other),
    }
    command = [sys.executable, "-m", "stimme", "serve"]
    server = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    assert server.stderr
    with server:
        try:
            yield server.stderr
        finally:
            server.send_signal(signal.SIGINT)


def wait_until_published(messages: IO[str]) -> None:
    """Each try to publish is told in a line, good or bad."""
    told = []
    for line in islice(messages, 300):
        told.append(line)
        if "published up to line" in line:
            return
    raise AssertionError("".join(told))


def test_two_instances_witness_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alice, bob = (Instance(tmp_path / name, free_port()) for name in ["alice", "bob"])
    with ExitStack() as stack:
        pairs = [(alice, bob), (bob, alice)]
        messages = [stack.enter_context(serving(*pair)) for pair in pairs]
        for told in messages:
            wait_until_published(told)
        for one, other in pairs:
            note = httpx.get(f"{one.url}/log/checkpoint").text
            signers = [signature.name for signature in split_note(note)[1]]
            assert signers == [one.log.name, other.witness.name]
            assert cli.run(["audit", one.url, "--policy", str(one.home / "policy")]) == 0
            assert "Quorum other: reached" in capsys.readouterr().out
