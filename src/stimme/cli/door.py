"""Take votes, keep public pages for a second, and hand everything else on to the pages."""

import argparse
import os

from stimme.cli import following, listening, load_config


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
    load_config()
    following.start(options)
    listening.allow_many_connections()
    from granian import Granian  # noqa: PLC0415
    from granian.constants import Interfaces, Loops  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    from stimme.apps.ballot.door.front import PAGES  # noqa: PLC0415

    os.environ[PAGES] = options.pages
    Granian(
        "stimme.apps.ballot.door.front:app",
        address=options.host,
        port=options.port,
        interface=Interfaces.RSGI,
        loop=Loops.uvloop,
        backlog=listening.BACKLOG,
        backpressure=listening.MOST_CONNECTIONS,
        websockets=False,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
    ).serve()
