"""The peers: the same votes, connections and durability for two plain ways to build it."""

import hashlib
import hmac
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from .load import Address, request
from .postgres import Cluster, sql
from .processes import running

FOLDER = Path(__file__).parent.parent / "peers"
_CAUSE = "1"
DJANGO_MOST, _EXPRESS_MOST = 1500, 8000  # votes a second, with room to spare


@dataclass(frozen=True, slots=True)
class Peer:
    """A running peer, and what its voters send, each once: it takes fewer a second than `most`."""

    address: Address
    most: int
    requests: Iterator[bytes]


@contextmanager
def django_orm(
    votes: int, port: int, on: Cluster | None = None, *, workers: int = 1, threads: int = 4
) -> Iterator[Peer]:
    """Plain Django and its ORM under granian, on SQLite, or on the cluster, with so many voters."""
    with tempfile.TemporaryDirectory(prefix="stimme-bench-django-") as home:
        environment = {
            "PEER_SECRET": secrets.token_hex(),
            "PYTHONPATH": str(FOLDER),
            "DJANGO_SETTINGS_MODULE": "django_orm.settings",
            **({"PEER_POSTGRESQL": str(on.socket)} if on else {"PEER_SQLITE": f"{home}/db"}),
        }
        sessions = _django_sessions(votes, environment)
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
        command += ["--workers", str(workers), "--blocking-threads", str(threads)]
        command += ["--backlog", "4096", "--log-level", "warning", "django_orm.wsgi:application"]
        log = Path(home) / "log"
        with running(command, port=port, log=log, environment=environment):
            yield Peer(("127.0.0.1", port), DJANGO_MOST, map(_django_vote, sessions))


def _django_sessions(number: int, environment: Mapping[str, str]) -> list[str]:
    return subprocess.run(
        [sys.executable, "-m", "django_orm.seed", str(number)],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.split()


def _django_vote(session: str) -> bytes:
    token = session.rjust(32, "c")
    headers = [
        f"Cookie: sessionid={session}; csrftoken={token}",
        f"X-CSRFToken: {token}",
        "Content-Type: application/x-www-form-urlencoded",
    ]
    path = f"/causes/{_CAUSE}/vote/"
    return request("POST", path, host="127.0.0.1", body=b"choice=for", headers=headers)


@contextmanager
def express_pg(port: int, on: Cluster) -> Iterator[dict[str, Peer]]:
    """Express and pg, by kind of its vote (see the peer's README)."""
    folder = FOLDER / "express_pg"
    _install(folder)
    secret = secrets.token_hex()
    environment = {
        "DATABASE_HOST": str(on.socket),
        "NODE_ENV": "production",
        "PEER_SECRET": secret,
        "PORT": str(port),
        "POOL": "64",
    }
    sql(on, (folder / "schema.sql").read_text())
    with tempfile.TemporaryDirectory(prefix="stimme-bench-express-") as home:
        log, command = Path(home) / "log", ["node", str(folder / "server.js")]
        with running(command, port=port, log=log, environment=environment):
            yield {
                kind: Peer(("127.0.0.1", port), _EXPRESS_MOST, _express_votes(secret, kind))
                for kind in ("insert", "equal", "tuned")
            }


def _install(folder: Path) -> None:
    if not (folder / "node_modules").exists():
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True)


def _express_votes(secret: str, kind: str) -> Iterator[bytes]:
    """A vote of every account there will ever be: the cookie alone makes it one."""
    for number in count():
        account = f"voter{number}"
        proof = hmac.new(secret.encode(), account.encode(), hashlib.sha256).hexdigest()
        headers = [f"Cookie: session={account}.{proof}", "Content-Type: application/json"]
        path = f"/causes/{_CAUSE}/{kind}"
        yield request("POST", path, host="127.0.0.1", body=b'{"choice":"for"}', headers=headers)
