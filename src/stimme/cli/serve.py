"""Serve an instance: a door, the pages behind it, and a sealer, behind one port."""

import argparse
import logging
import signal
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stimme.cli import following, listening, load_instance
from stimme.cli.metering import metering
from stimme.cli.setup import prepare

if TYPE_CHECKING:
    from stimme.apps.ballot.watching import Watch

logger = logging.getLogger("stimme.serve")
_LOOK = 0.2  # seconds between two looks at the parts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host",
        type=listening.address,
        default="127.0.0.1",
        help="address to listen on (%(default)s)",
    )
    parser.add_argument("--port", type=listening.port, help="port (that of STIMME_URL, or 8000)")
    parser.add_argument(
        "--workers", type=listening.number, default=2, help="processes of pages (%(default)s)"
    )
    parser.add_argument(
        "--threads", type=listening.number, default=1, help="threads each (%(default)s)"
    )
    parser.add_argument(
        "--doors",
        type=listening.number,
        default=1,
        help="processes that take votes, several with PostgreSQL only (%(default)s)",
    )
    parser.add_argument(
        "--socket", type=Path, help="where the pages listen, for a proxy that routes by path"
    )
    parser.add_argument(
        "--metrics-port", type=listening.port, help="port for Prometheus, on 127.0.0.1 only"
    )
    parser.add_argument(
        "--no-sealer", action="store_true", help="another process runs `stimme seal --due`"
    )


def run(options: argparse.Namespace) -> None:
    with metering(options.metrics_port):
        _run(options)


def _run(options: argparse.Namespace) -> None:
    load_instance()
    _refuse_several_doors(options.doors)
    port = options.port or port_of_instance()
    listening.need_free(options.host, port, otherwise=f"stimme serve --port {port + 1}")
    prepare()
    _forget_old_sessions()
    _forget_old_counts()
    _warn_without_mail()
    logger.info("listening on %s, port %s", options.host, port)
    serve(
        host=options.host,
        port=port,
        workers=options.workers,
        threads=options.threads,
        doors=options.doors,
        sealer=not options.no_sealer,
        socket=options.socket,
    )


def _refuse_several_doors(number: int) -> None:
    from django.db import connection  # noqa: PLC0415

    if number > 1 and connection.vendor == "sqlite":
        raise SystemExit("stimme: --doors: SQLite has one writer; use PostgreSQL for several doors")


def _forget_old_sessions() -> None:
    """Expired sessions may hold an address that somebody typed and never confirmed."""
    from django.core.management import call_command  # noqa: PLC0415

    call_command("clearsessions")


def _forget_old_counts() -> None:
    """Limits that hold nobody back any more, and numbers of new accounts after 14 days."""
    from django.db import DatabaseError, connection  # noqa: PLC0415

    from stimme.apps.accounts.forgetting import forget_old_counts  # noqa: PLC0415

    try:
        forget_old_counts()
    except DatabaseError:
        logger.exception("old counts are still there; forgetting them will be tried again")
        connection.close()


def _warn_without_mail() -> None:
    from django.conf import settings  # noqa: PLC0415

    if settings.STIMME.secure and not settings.STIMME.smtp_url:
        logger.warning("STIMME_SMTP_URL is not set: codes to sign in appear here, not in mails")


def port_of_instance() -> int:
    from django.conf import settings  # noqa: PLC0415

    return settings.STIMME.address.port or 8000


def serve(
    *,
    host: str,
    port: int,
    workers: int = 2,
    threads: int = 1,
    doors: int = 1,
    sealer: bool = True,
    socket: Path | None = None,
) -> None:
    """Run until interrupted: doors and pages are processes, the sealer is a thread of this one.

    The pages listen on `socket`, or where nobody but the doors reaches them.

    Leaves at once where sealing is refused: votes would be promised a place in a log that
    cannot grow. Several doors share the port; the kernel gives each its connections.
    """
    if sealer and (refusal := _seal()):
        raise SystemExit(f"stimme: {refusal}")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with tempfile.TemporaryDirectory(prefix="stimme-") as private:
        pages = str(socket or f"{private}/pages")
        size = ["--workers", str(workers), "--threads", str(threads)]
        address = ["--host", host, "--port", str(port), "--pages", pages]
        parts = [
            following.spawn(["pages", "--socket", pages, *size]),
            *(following.spawn(["door", *address]) for _ in range(doors)),
        ]
        _work_until(stop, parts, sealer=sealer)


def _work_until(
    stop: threading.Event, parts: Sequence[subprocess.Popen[bytes]], *, sealer: bool
) -> None:
    """Seal and look after the parts; where one ends by itself, all end."""
    thread = threading.Thread(target=_seal_until, args=[stop], name="sealer")
    if sealer:
        thread.start()
    while not stop.wait(_LOOK):
        if any(part.poll() is not None for part in parts):
            break
    ended = stop.is_set()
    stop.set()
    following.end(parts)
    if sealer:
        thread.join()
    if not ended:
        raise SystemExit("stimme: a part of the server ended by itself; the lines above say why")


def _seal_until(stop: threading.Event) -> None:
    """Seal what is due, again and again, and look whether everything still holds."""
    from django.conf import settings  # noqa: PLC0415

    from stimme.apps.ballot.watching import Watch  # noqa: PLC0415

    watch = Watch()
    while not stop.wait(settings.STIMME.seal_interval):
        _forget_old_counts()
        if refusal := _seal():
            logger.error("%s", refusal)
        _look(watch)


def _look(watch: "Watch") -> None:
    """Prove some of the tallies and of the log; where that fails, try again in the next round."""
    from django.db import close_old_connections, connection  # noqa: PLC0415

    try:
        watch.look()
    except Exception:
        logger.exception("tallies and log were not looked at; it will be tried again")
        connection.close()
    close_old_connections()


def _seal() -> str:
    """Seal what is due; return why that was refused. Any other error is logged, to try again."""
    from django.db import close_old_connections, connection  # noqa: PLC0415

    from stimme.apps.ballot.sealer import SealingRefused, seal  # noqa: PLC0415

    try:
        seal()
    except SealingRefused as error:
        return str(error)
    except Exception:
        logger.exception("sealing failed; it will be tried again")
        connection.close()
    close_old_connections()
    return ""
