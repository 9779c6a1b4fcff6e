"""Take votes, keep public pages for a second, and hand everything else on to the pages."""

import argparse
import os
from typing import TYPE_CHECKING

from stimme import keys
from stimme.cli import following, listening, load_config

if TYPE_CHECKING:
    from stimme.apps.ballot.door.front import Front


def add_arguments(parser: argparse.ArgumentParser) -> None:
    listening.add_host(parser)
    parser.add_argument(
        "--port", type=listening.port, default=8000, help="port to listen on (%(default)s)"
    )
    parser.add_argument(
        "--pages", required=True, help="where the pages are: a socket, or http://address:port"
    )
    following.add_argument(parser)


def run(options: argparse.Namespace) -> None:
    settings = load_config(keys.DOOR)
    following.start(options)
    listening.allow_many_connections()
    from granian.constants import HTTPModes, Interfaces, Loops  # noqa: PLC0415

    from stimme.apps.ballot.door import PAGES  # noqa: PLC0415
    from stimme.apps.ballot.door.stores import DoorRefused, refuse_unsafe  # noqa: PLC0415

    try:
        refuse_unsafe(settings)
    except DoorRefused as error:
        raise SystemExit(f"stimme: {error}") from error
    os.environ[PAGES] = options.pages
    listening.serve(
        "stimme.cli.door:worker",
        address=options.host,
        port=options.port,
        interface=Interfaces.RSGI,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        backpressure=listening.MOST_CONNECTIONS,
    )


def worker() -> "Front":
    """The door in a process of its own: what granian starts."""
    following.start_in_worker()
    from stimme.apps.ballot.door.front import Front  # noqa: PLC0415

    return Front()
