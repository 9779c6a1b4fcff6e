"""What an operator watches of the sealing and of the proofs; set by the process that seals."""

from prometheus_client import Gauge

WRONG_TALLIES = Gauge(
    "stimme_wrong_tallies",
    "Causes whose tallies were not those of their seats when last recounted",
    multiprocess_mode="mostrecent",
)
WRONG_LOG = Gauge(
    "stimme_wrong_log",
    "1 while the database and the published log tell different histories",
    multiprocess_mode="mostrecent",
)
PENDING_LINES = Gauge(
    "stimme_pending_lines", "Lines committed and not yet sealed", multiprocess_mode="mostrecent"
)
OLDEST_PENDING_SECONDS = Gauge(
    "stimme_oldest_pending_seconds",
    "Age of the oldest vote that is not sealed",
    multiprocess_mode="mostrecent",
)
SEALING_LAG_SECONDS = Gauge(
    "stimme_sealing_lag_seconds",
    "Age of the published checkpoint while something is due, else 0",
    multiprocess_mode="mostrecent",
)
LAST_LOOK = Gauge(
    "stimme_last_look_timestamp_seconds",
    "Unix time at which all the others here were last measured",
    multiprocess_mode="mostrecent",
)
