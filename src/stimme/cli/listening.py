"""Where the server listens, looked at before anything is made: it would say it late, or never."""

import argparse
import errno
import ipaddress
import resource
import socket
from pathlib import Path
from typing import Any

BACKLOG = 4096  # connections that wait to be accepted
MOST_CONNECTIONS = 30_000  # open at the same time: live tallies, and a storm besides


def number(text: str) -> int:
    """Parse a number of processes or threads."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return value


def port(text: str) -> int:
    """Parse a port."""
    value = int(text)
    if not 1 <= value <= 65535:  # noqa: PLR2004
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return value


def address(text: str) -> str:
    """Parse an IP address; the server takes no names."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError("an IP address is needed, like 127.0.0.1") from error


def add_host(parser: argparse.ArgumentParser, when: str = "") -> None:
    parser.add_argument(
        "--host",
        type=address,
        default="127.0.0.1",
        help=f"{when}address to listen on (%(default)s)",
    )


def add_size_of_pages(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workers", type=number, default=2, help="processes of pages (%(default)s)"
    )
    parser.add_argument("--threads", type=number, default=1, help="threads each (%(default)s)")


def serve(worker: str, **options: Any) -> None:  # noqa: ANN401  granian's
    """Serve what the function `worker` (module:name) makes, anew where it fails; until ended."""
    from granian import Granian  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    Granian(
        worker,
        factory=True,
        backlog=BACKLOG,
        websockets=False,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        **options,
    ).serve()


def need_free(host: str, port: int, *, otherwise: str) -> None:
    """Leave with one sentence, and the way out `otherwise`, when `port` cannot be listened on.

    The server shares a port with whoever listens there already: visitors would be answered by
    the one or the other instance at random.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise SystemExit(f"stimme: {host}, port {port}: {error.strerror}") from error
            raise SystemExit(f"stimme: port {port} is in use; {otherwise}") from error


def need_free_socket(path: Path) -> None:
    """Remove the socket of a process that was killed; leave where somebody listens on it."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise SystemExit(f"stimme: somebody listens on {path} already")


def allow_many_connections() -> None:
    """Raise the limit on open files as far as the system lets us."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
