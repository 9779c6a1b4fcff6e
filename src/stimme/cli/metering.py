"""The numbers of all processes of an instance, gathered for Prometheus."""

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from stimme.cli import listening

HOST = "127.0.0.1"  # whoever may see them is the operator's own business


def add_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--metrics-port", type=listening.port, help=f"port for Prometheus, on {HOST} only"
    )


@contextmanager
def metering(port: int | None) -> Iterator[None]:
    """Show the metrics on a port of this machine, if one is given.

    Goes around everything else: the library decides when it is first imported whether it
    shares its numbers with other processes, in files.
    """
    if port is None:
        yield
        return
    listening.need_free(HOST, port, otherwise="choose another --metrics-port")
    with tempfile.TemporaryDirectory(prefix="stimme-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415
        from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

        registry = CollectorRegistry()
        MultiProcessCollector(registry)
        server, thread = start_http_server(port, addr=HOST, registry=registry)
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
