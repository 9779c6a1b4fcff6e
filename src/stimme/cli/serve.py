"""Serve an instance: a door, the pages behind it, and a sealer, behind one port."""

import argparse
import logging
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from stimme.cli import following, listening, load_instance
from stimme.cli.metering import add_argument, metering
from stimme.cli.notices import send_until
from stimme.cli.sealer import need_sealing, seal_until, stop_on_signals
from stimme.cli.setup import prepare

logger = logging.getLogger("stimme.serve")
_LOOK = 0.2  # seconds between two looks at the parts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    listening.add_host(parser)
    parser.add_argument("--port", type=listening.port, help="port (that of STIMME_URL, or 8000)")
    listening.add_size_of_pages(parser)
    parser.add_argument(
        "--doors",
        type=listening.number,
        default=1,
        help="processes that take votes, several with PostgreSQL only (%(default)s)",
    )
    parser.add_argument(
        "--socket", type=Path, help="where the pages listen, for a proxy that routes by path"
    )
    add_argument(parser)
    parser.add_argument("--no-sealer", action="store_true", help="`stimme sealer` runs elsewhere")


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
    """Run until interrupted: doors and pages are processes, sealer and notices are threads here.

    The pages listen on `socket`, or where nobody but the doors reaches them.

    Several doors share the port; the kernel gives each its connections.
    """
    if sealer:
        need_sealing()
    stop = stop_on_signals()
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
    """Seal, mail notices and look after the parts; where one ends by itself, all end."""
    threads = [threading.Thread(target=send_until, args=[stop], name="notices")]
    if sealer:
        threads.append(threading.Thread(target=seal_until, args=[stop], name="sealer"))
    for thread in threads:
        thread.start()
    while not stop.wait(_LOOK):
        if any(part.poll() is not None for part in parts):
            break
    ended = stop.is_set()
    stop.set()
    following.end(parts)
    for thread in threads:
        thread.join()
    if not ended:
        raise SystemExit("stimme: a part of the server ended by itself; the lines above say why")
