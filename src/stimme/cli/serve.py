"""Serve the pages, and seal every minute in the same program."""

import argparse
import logging
import multiprocessing
import os
import threading

from stimme.cli import listening, load_instance
from stimme.cli.setup import prepare

logger = logging.getLogger("stimme.serve")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host",
        type=listening.address,
        default="127.0.0.1",
        help="address to listen on (%(default)s)",
    )
    parser.add_argument("--port", type=listening.port, help="port (that of STIMME_URL, or 8000)")
    parser.add_argument(
        "--workers", type=listening.number, default=1, help="processes (%(default)s)"
    )
    parser.add_argument(
        "--threads", type=listening.number, default=4, help="threads each (%(default)s)"
    )
    parser.add_argument(
        "--no-sealer", action="store_true", help="another process runs `stimme seal --due`"
    )


def run(options: argparse.Namespace) -> None:
    load_instance()
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
        sealer=not options.no_sealer,
    )


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


def serve(*, host: str, port: int, workers: int = 1, threads: int = 4, sealer: bool = True) -> None:
    """Run until interrupted. The workers are processes; the sealer is a thread of this one.

    Leaves at once where sealing is refused: votes would be promised a place in a log that
    cannot grow.
    """
    if sealer and (refusal := _seal()):
        raise SystemExit(f"stimme: {refusal}")
    from granian import Granian  # noqa: PLC0415
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    os.environ["DJANGO_SETTINGS_MODULE"] = "stimme.settings"
    # A forked worker would inherit the sealer's locks in whatever state they are.
    multiprocessing.set_start_method("spawn", force=True)
    stop = threading.Event()
    server = Granian(
        "stimme.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        websockets=False,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
    )
    thread = threading.Thread(target=_seal_until, args=[stop], name="sealer")
    if sealer:
        thread.start()
    try:
        server.serve()
    finally:
        stop.set()
        if sealer:
            thread.join()


def _seal_until(stop: threading.Event) -> None:
    """Seal what is due, again and again."""
    from django.conf import settings  # noqa: PLC0415

    while not stop.wait(settings.STIMME.seal_interval):
        if refusal := _seal():
            logger.error("%s", refusal)


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
