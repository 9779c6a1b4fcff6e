"""nginx and Caddy on loopback, with exactly the files of docs/operate but for names and ports."""

import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.needs import missing

OPERATE = Path(__file__).resolve().parent.parent / "docs" / "operate"
PATIENCE = 60.0  # seconds that a busy machine may take to start a server
# What a system has in /etc/nginx/nginx.conf, around the files in conf.d.
NGINX = """\
daemon off;
{user}
pid {folder}/pid;
error_log stderr crit;
events {{ worker_connections 256; }}
http {{
  include /etc/nginx/mime.types;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  include {folder}/site.conf;
}}
"""
CADDY = """\
{{
	admin off
	skip_install_trust
	local_certs
	http_port {plain}
	https_port {port}
	default_bind 127.0.0.1
	storage file_system {folder}/storage
}}
"""


@dataclass(frozen=True)
class Behind:
    """What a proxy stands in front of: its own ports, and those of the instance."""

    port: int
    plain: int
    door: int
    home: Path
    pages: Path


@dataclass(frozen=True)
class Proxy:
    """A running proxy; everything that it writes is in `folder`."""

    folder: Path
    trust: ssl.SSLContext


def free_ports(number: int) -> list[int]:
    """Ports that nobody listens on at this moment."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@contextmanager
def running(
    command: Sequence[str], port: int, log: Path, environment: dict[str, str]
) -> Iterator[None]:
    """Run a server while the block runs; its port answers when the block begins."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        _wait_for(port, process, log)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(round(PATIENCE * 10)):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
            break
    pytest.fail(f"{process.args!r} did not start:\n{log.read_text()[-4000:]}", pytrace=False)


@contextmanager
def nginx(name: str, behind: Behind, folder: Path) -> Iterator[Proxy]:
    """Run nginx with the file `name` of docs/operate."""
    if not shutil.which("nginx"):
        missing("no nginx: apt install nginx-light")
    text = _with(
        (OPERATE / name).read_text(),
        {
            "/etc/letsencrypt/live/stimme.example/": f"{folder}/",
            "/var/log/nginx/": f"{folder}/",
            "stimme.example": "localhost",
            "listen 80": f"listen 127.0.0.1:{behind.plain}",
            "listen 443": f"listen 127.0.0.1:{behind.port}",
            "127.0.0.1:8000": f"127.0.0.1:{behind.door}",
            "/run/stimme/pages": str(behind.pages),
            "/var/lib/stimme/": f"{behind.home}/",
        },
    )
    (folder / "site.conf").write_text(text)
    user = "user root;" if os.geteuid() == 0 else ""  # the files of the test are private
    (folder / "nginx.conf").write_text(NGINX.format(user=user, folder=folder))
    make_certificate(folder)
    command = ["nginx", "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    with running(command, behind.port, folder / "log", dict(os.environ)):
        yield Proxy(folder, ssl.create_default_context(cafile=str(folder / "fullchain.pem")))


@contextmanager
def caddy(name: str, behind: Behind, folder: Path) -> Iterator[Proxy]:
    """Run Caddy with the file `name` of docs/operate, and an authority of its own."""
    if not shutil.which("caddy"):
        missing("no Caddy: apt install caddy")
    options = CADDY.format(plain=behind.plain, port=behind.port, folder=folder)
    text = _with(
        (OPERATE / name).read_text(),
        {"stimme.example": "localhost", "127.0.0.1:8000": f"127.0.0.1:{behind.door}"},
    )
    (folder / "Caddyfile").write_text(options + text)
    own = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    command = ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    with running(command, behind.port, folder / "log", {**os.environ, **own}):
        root = folder / "storage" / "pki" / "authorities" / "local" / "root.crt"
        yield Proxy(folder, ssl.create_default_context(cafile=str(root)))


def _with(text: str, places: dict[str, str]) -> str:
    for theirs, ours in places.items():
        text = text.replace(theirs, ours)
    return text


def make_certificate(folder: Path) -> None:
    """Write a certificate for localhost that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    kind = serialization.PrivateFormat.PKCS8
    pem = serialization.Encoding.PEM
    (folder / "fullchain.pem").write_bytes(made.public_bytes(pem))
    (folder / "privkey.pem").write_bytes(key.private_bytes(pem, kind, plain))
