"""What an operator watches of the witnesses; set by the process that seals."""

from collections.abc import Mapping

from prometheus_client import Gauge

_COSIGNED = Gauge(
    "stimme_witness_cosigned",
    "1 for a witness that cosigned when it was last asked, else 0",
    ["witness"],
    multiprocess_mode="mostrecent",
)
_QUORUM = Gauge(
    "stimme_witness_quorum",
    "0 while the checkpoint is held back for want of cosignatures, else 1",
    multiprocess_mode="mostrecent",
)


def measure(cosigned: Mapping[str, bool], *, reached: bool) -> None:
    """Show who of the witnesses, by name, has cosigned, and whether that is enough."""
    for name, good in cosigned.items():
        _COSIGNED.labels(name).set(good)
    _QUORUM.set(reached)
