"""The peers: the same votes, connections and durability for two plain ways to build it."""

import hashlib
import hmac
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .load import Address, request
from .postgres import Cluster, sql
from .processes import running

FOLDER = Path(__file__).parent.parent / "peers"
_CAUSE = "1"


@dataclass(frozen=True, slots=True)
class Peer:
    """A running peer, and one request for each of its voters."""

    name: str
    address: Address
    pid: int
    requests: list[bytes]


@contextmanager
def django_orm(
    votes: int, port: int, on: Cluster | None, *, workers: int = 1, threads: int = 1
) -> Iterator[Peer]:
    """Plain Django and its ORM under granian, on SQLite, or on the cluster."""
    with tempfile.TemporaryDirectory(prefix="stimme-bench-django-") as home:
        environment = {
            "PEER_SECRET": secrets.token_hex(),
            "PYTHONPATH": str(FOLDER),
            "DJANGO_SETTINGS_MODULE": "django_orm.settings",
            **({"PEER_POSTGRESQL": str(on.socket)} if on else {"PEER_SQLITE": f"{home}/db"}),
        }
        sessions = subprocess.run(
            [sys.executable, "-m", "django_orm.seed", str(votes)],
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout.split()
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
        command += ["--workers", str(workers), "--blocking-threads", str(threads)]
        command += ["--backlog", "4096", "--log-level", "warning", "django_orm.wsgi:application"]
        log = Path(home) / "log"
        with running(command, port=port, log=log, environment=environment) as pid:
            requests = [_django_vote(session) for session in sessions]
            yield Peer("django_orm", ("127.0.0.1", port), pid, requests)


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
def express_pg(
    votes: int, port: int, on: Cluster, *, guarantees: str, workers: int = 1, pool: int = 64
) -> Iterator[Peer]:
    """Express and pg; `guarantees` is insert or equal (see the peer's README)."""
    folder = FOLDER / "express_pg"
    _install(folder)
    secret = secrets.token_hex()
    environment = {
        "DATABASE_HOST": str(on.socket),
        "GUARANTEES": guarantees,
        "NODE_ENV": "production",
        "PEER_SECRET": secret,
        "PORT": str(port),
        "POOL": str(pool),
        "WORKERS": str(workers),
    }
    sql(on, "DROP TABLE IF EXISTS vote, seat, line, tally")
    sql(on, (folder / "schema.sql").read_text())
    with tempfile.TemporaryDirectory(prefix="stimme-bench-express-") as home:
        log = Path(home) / "log"
        command = ["node", folder / "server.js"]
        with running(command, port=port, log=log, environment=environment) as pid:
            requests = [_express_vote(secret, number) for number in range(votes)]
            yield Peer(f"express_pg {guarantees}", ("127.0.0.1", port), pid, requests)


def _install(folder: Path) -> None:
    if not (folder / "node_modules").exists():
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True)


def _express_vote(secret: str, number: int) -> bytes:
    account = f"voter{number}"
    proof = hmac.new(secret.encode(), account.encode(), hashlib.sha256).hexdigest()
    headers = [f"Cookie: session={account}.{proof}", "Content-Type: application/json"]
    path = f"/causes/{_CAUSE}/vote"
    return request("POST", path, host="127.0.0.1", body=b'{"choice":"for"}', headers=headers)
