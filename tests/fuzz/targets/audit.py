"""A lying server: one resource replaced by anything. The audit ends with a report, and says so.

The first byte says which resource; the rest is what the server sends for it.
"""

from stimme.engines.translog import Report, audit
from tests.unit.translog.small_log import EXAMPLE, LOG_KEY, ORIGIN, SmallLog

LOG = SmallLog.of(EXAMPLE[:1], EXAMPLE[1:3], EXAMPLE[3:])
PATHS = ["checkpoint", "tile/0/000.p/4", "tile/entries/000.p/4", "tile/0/000", "tile/entries/000"]


def report_of(files: dict[str, bytes]) -> Report:
    read = SmallLog(files=files).read
    return audit(read, LOG_KEY.verifier, ORIGIN, earlier=LOG.checkpoints, now=0)


HONEST = report_of(LOG.files)


def check(data: bytes) -> None:
    path = PATHS[data[0] % len(PATHS)] if data else PATHS[0]
    kept = {one: content for one, content in LOG.files.items() if one != f"{path}.p/4"}
    report = report_of(kept | {path: data[1:]})
    assert report.to_json().encode()
    if report.ok:
        assert report == HONEST
        # A full resource may hold what came later, a partial one nothing else.
        assert data[1:].startswith(LOG.files.get(f"{path}.p/4", b""))
        assert path not in PATHS[1:3] or data[1:] == LOG.files[path]
