"""Take votes, keep public pages for a second, and hand everything else on to the pages."""

import argparse
import os
from typing import TYPE_CHECKING

from stimme import keys
from stimme.cli import following, listening, load_config

if TYPE_CHECKING:
    from stimme.apps.ballot.door.front import Front


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host",
        type=listening.address,
        default="127.0.0.1",
        help="address to listen on (%(default)s)",
    )
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
    from granian import Granian  # noqa: PLC0415
    from granian.constants import HTTPModes, Interfaces, Loops  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    from stimme.apps.ballot.door import PAGES  # noqa: PLC0415
    from stimme.apps.ballot.door.stores import DoorRefused, refuse_unsafe  # noqa: PLC0415

    try:
        refuse_unsafe(settings)
    except DoorRefused as error:
        raise SystemExit(f"stimme: {error}") from error
    os.environ[PAGES] = options.pages
    Granian(
        "stimme.cli.door:worker",
        factory=True,
        address=options.host,
        port=options.port,
        interface=Interfaces.RSGI,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        backlog=listening.BACKLOG,
        backpressure=listening.MOST_CONNECTIONS,
        websockets=False,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
    ).serve()


def worker() -> "Front":
    """The door in a process of its own: what granian starts."""
    following.start_in_worker()
    from stimme.apps.ballot.door.front import Front  # noqa: PLC0415

    return Front()
