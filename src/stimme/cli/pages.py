"""Serve the pages to the door, on a socket or a private address."""

import argparse
import multiprocessing
import os
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path

from stimme import keys
from stimme.cli import following, listening, load_instance


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--socket", type=Path, help="socket to listen on")
    parser.add_argument(
        "--host",
        type=listening.address,
        default="127.0.0.1",
        help="without --socket: address to listen on (%(default)s)",
    )
    parser.add_argument(
        "--port",
        type=listening.port,
        default=8001,
        help="without --socket: port to listen on (%(default)s)",
    )
    parser.add_argument(
        "--workers", type=listening.number, default=2, help="processes (%(default)s)"
    )
    parser.add_argument(
        "--threads", type=listening.number, default=1, help="threads each (%(default)s)"
    )
    following.add_argument(parser)


def run(options: argparse.Namespace) -> None:
    load_instance(keys.PAGES)
    if options.socket:
        listening.need_free_socket(options.socket)
    following.start(options)
    from granian import Granian  # noqa: PLC0415
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    os.environ["DJANGO_SETTINGS_MODULE"] = "stimme.settings"
    multiprocessing.set_start_method("spawn", force=True)
    Granian(
        "stimme.cli.pages:worker",
        factory=True,
        address=options.host,
        port=options.port,
        uds=options.socket,
        # A proxy of its group may ask too; whoever asks can say any visitor's address.
        uds_permissions=0o660 if options.socket else None,
        interface=Interfaces.WSGI,
        workers=options.workers,
        blocking_threads=options.threads,
        backlog=listening.BACKLOG,
        websockets=False,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
    ).serve()


def worker() -> Callable[..., Iterable[bytes]]:
    """The pages in a process of their own: what granian starts."""
    following.start_in_worker()
    application: Callable[..., Iterable[bytes]] = import_module("stimme.wsgi").application
    return application
