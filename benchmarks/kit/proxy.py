"""nginx in front of a door, with TLS and a certificate that signs itself."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .load import Address
from .processes import running

_CONFIGURATION = """\
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
worker_processes 1;
worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
  access_log off;
  keepalive_requests 1000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream door {{ server {host}:{door}; keepalive 512; keepalive_requests 1000000; }}
  server {{
    listen 127.0.0.1:{port} ssl backlog=4096;
    ssl_certificate {folder}/certificate;
    ssl_certificate_key {folder}/key;
    location / {{
      proxy_pass http://door;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto https;
    }}
  }}
}}
"""


@contextmanager
def tls_proxy(port: int, door: Address) -> Iterator[Address]:
    """Serve `door` at https://127.0.0.1:<port>. Raises FileNotFoundError without nginx."""
    with tempfile.TemporaryDirectory(prefix="stimme-bench-nginx-") as name:
        folder = Path(name)
        _make_certificate(folder)
        host, number = door
        text = _CONFIGURATION.format(folder=folder, port=port, host=host, door=number)
        (folder / "nginx.conf").write_text(text)
        command = ["nginx", "-c", str(folder / "nginx.conf")]
        with running(command, port=port, log=folder / "log"):
            yield "127.0.0.1", port


def _make_certificate(folder: Path) -> None:
    kind = "-x509 -nodes -days 2 -subj /CN=127.0.0.1 -newkey ec -pkeyopt"
    files = ["-keyout", str(folder / "key"), "-out", str(folder / "certificate")]
    subprocess.run(
        ["openssl", "req", *kind.split(), "ec_paramgen_curve:prime256v1", *files],
        stderr=subprocess.DEVNULL,
        check=True,
    )
