"""What an operator watches (docs/operate/storms.md). Numbers only: no cause, seat or account."""

from prometheus_client import Counter, Gauge, Histogram

QUEUE_DEPTH = Gauge(
    "stimme_door_queue_depth", "Votes waiting for the next commit", multiprocess_mode="mostrecent"
)
TURNED_AWAY = Counter("stimme_door_turned_away", "Votes answered 503 since too many waited")
BATCH_SIZE = Histogram(
    "stimme_door_batch_size", "Votes in one commit", buckets=[1, 3, 10, 30, 100, 200, 700]
)
COMMIT_SECONDS = Histogram(
    "stimme_door_commit_seconds",
    "From the beginning of a transaction to its commit",
    buckets=[0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5],
)
FAILED_BATCHES = Counter("stimme_door_failed_batches", "Batches that could not be committed")
