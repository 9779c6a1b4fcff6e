"""The log as an outsider judges it, held against the database."""

import time

from stimme.apps.ballot import publisher
from stimme.apps.ballot.log_keys import log_signer
from stimme.apps.ballot.recounting import wrong_tallies
from stimme.apps.ballot.sealer import seal
from stimme.engines.translog import Report, audit
from tests.house import seats_counted


def audited() -> Report:
    """Seal everything, and demand that audit, tallies and seats agree."""
    seal(everything=True)
    report = judged()
    live = {key: seats for key, seats in seats_counted().items() if key[1] != "withdrawn"}
    assert report.tallies == live
    assert wrong_tallies() == []
    return report


def judged() -> Report:
    """The audit of what is published, in which nothing may be wrong."""
    signer = log_signer()
    report = audit(publisher.read, signer.verifier, signer.name, now=int(time.time()))
    assert report.alarms == []
    return report
