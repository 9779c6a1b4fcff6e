"""The demands behind the ids of causes, believed only where the id binds them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from stimme.cli.log_sources import AT_ONCE, Server
from stimme.engines.translog import Report, cause_id


def demands_of(server: Server, report: Report) -> dict[str, str]:
    """The demand of each cause that the site shows; a false one is an alarm in the report."""
    cids = list(report.causes)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        documents = dict(zip(cids, pool.map(server.document, cids), strict=True))
    demands = {}
    for cid, document in documents.items():
        if document is None:
            report.notes.append(f"The site shows no document of the cause {cid}.")
        elif cause_id(document) != cid:
            report.alarm("document", f"The site shows another demand than the cause {cid} binds.")
        else:
            demands[cid] = _demand(document)
    return demands


def _demand(document: bytes) -> str:
    """Whom it asks, and for what."""
    try:
        fields = json.loads(document)
        return f"{fields['org']}: {fields['ask']}"
    except (ValueError, KeyError, TypeError, RecursionError):
        return "(the document cannot be read)"
