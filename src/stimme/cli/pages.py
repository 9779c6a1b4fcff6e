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
    listening.add_host(parser, "without --socket: ")
    parser.add_argument(
        "--port",
        type=listening.port,
        default=8001,
        help="without --socket: port to listen on (%(default)s)",
    )
    listening.add_size_of_pages(parser)
    following.add_argument(parser)


def run(options: argparse.Namespace) -> None:
    load_instance(keys.PAGES)
    if options.socket:
        listening.need_free_socket(options.socket)
    following.start(options)
    from granian.constants import Interfaces  # noqa: PLC0415

    os.environ["DJANGO_SETTINGS_MODULE"] = "stimme.settings"
    multiprocessing.set_start_method("spawn", force=True)
    listening.serve(
        "stimme.cli.pages:worker",
        address=options.host,
        port=options.port,
        uds=options.socket,
        # A proxy of its group may ask too; whoever asks can say any visitor's address.
        uds_permissions=0o660 if options.socket else None,
        interface=Interfaces.WSGI,
        workers=options.workers,
        blocking_threads=options.threads,
    )


def worker() -> Callable[..., Iterable[bytes]]:
    """The pages in a process of their own: what granian starts."""
    following.start_in_worker()
    application: Callable[..., Iterable[bytes]] = import_module("stimme.wsgi").application
    return application
