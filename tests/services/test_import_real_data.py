"""Real campaigns and conversations: the log alone must give what the files give."""

import csv
import os
import time
from collections import Counter
from pathlib import Path

import pytest

from stimme.apps.ballot import publisher
from stimme.apps.ballot.log_keys import log_signer
from stimme.apps.ballot.sealer import seal
from stimme.apps.causes.importing.polis import import_polis
from stimme.apps.causes.importing.report import Report
from stimme.apps.causes.importing.votes import NewCause, import_votes
from stimme.apps.causes.models import CauseVersion
from stimme.apps.causes.services import Demand
from stimme.engines.translog import Report as Audit
from stimme.engines.translog import audit

pytestmark = pytest.mark.django_db
EVERY_TIME = {"brexit-consensus", "football-concussions", "vtaiwan.uberx"}
Tallies = dict[str, tuple[int, int, int]]


def rows(path: Path, order: str) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return sorted(csv.DictReader(file), key=lambda row: int(row[order]))


def tallies(choices: dict[tuple[str, str], str]) -> Tallies:
    count = Counter((statement, choice) for (statement, _), choice in choices.items())
    return {
        statement: (
            count[statement, "for"],
            count[statement, "against"],
            count[statement, "withdrawn"],
        )
        for statement, _ in choices
    }


def tallies_of_votes(path: Path) -> Tallies:
    return tallies({("", row["signer"]): row["choice"] for row in rows(path, "time")})


def tallies_of_polis(folder: Path) -> Tallies:
    bodies = {row["comment-id"]: row["comment-body"] for row in rows_of_comments(folder)}
    choices: dict[tuple[str, str], str] = {}
    for row in rows(folder / "votes.csv", "timestamp"):
        seat = row["comment-id"], row["voter-id"]
        if not any(map(str.isalnum, bodies[seat[0]])):
            continue  # no demand without words
        if row["vote"] != "0":
            choices[seat] = {"1": "for", "-1": "against"}[row["vote"]]
        elif seat in choices:
            choices[seat] = "withdrawn"
    return tallies(choices)


def rows_of_comments(folder: Path) -> list[dict[str, str]]:
    return rows(folder / "comments.csv", "timestamp")


def audited() -> Audit:
    seal(everything=True)
    signer = log_signer()
    report = audit(publisher.read, signer.verifier, signer.name, now=int(time.time()))
    assert (report.alarms, report.notes) == ([], [])
    return report


def test_a_campaign_of_2021(shared: Path) -> None:
    path = shared / "data/firestorm/fsf-2021/events.csv"
    report = Report()
    into = NewCause("An organisation", Demand("Decide otherwise", "en"))
    import_votes(path, into=into, report=report)
    events = Counter(row["choice"] for row in rows(path, "time"))
    assert events == {"for": 7754, "against": 3196, "withdrawn": 879}
    assert (report.rows, report.rejected) == (11_829, [])
    assert (report.votes, report.changes, report.withdrawals) == (7754 + 3196, 0, 879)
    [found] = audited().causes.values()
    counted = found.votes_for, found.votes_against, found.withdrawn
    assert {"": counted} == tallies_of_votes(path)
    assert counted == (6875, 3196, 879)  # everybody who withdrew had been for it


@pytest.mark.parametrize(
    "name, rejected",
    [
        ("brexit-consensus", 0),
        ("canadian-electoral-reform", 0),
        ("football-concussions", 2),  # a statement without text, and its one vote
        ("scoop-hivemind.ubi", 0),
        ("ssis.land-bank-farmland.2rumnecbeh.2021-08-01", 2),  # the statement "?", and its vote
        ("vtaiwan.uberx", 0),
    ],
)
def test_a_conversation(shared: Path, name: str, rejected: int) -> None:
    if name not in EVERY_TIME and os.environ.get("CI") != "true":
        pytest.skip("all conversations are imported in CI; here the largest and two more")
    folder = shared / "data/polis" / name
    report = Report()
    import_polis(folder, organisation="An organisation", source=name, report=report)
    assert len(report.rejected) == rejected
    found = audited().causes
    prefix = f"Polis conversation {name}, statement "
    titles = CauseVersion.objects.values_list("cid", "cause__sources__title")
    numbers = {cid: title.removeprefix(prefix) for cid, title in titles}
    counted = {
        numbers[cid]: (one.votes_for, one.votes_against, one.withdrawn)
        for cid, one in found.items()
    }
    expected = tallies_of_polis(folder)
    assert counted == dict.fromkeys(numbers.values(), (0, 0, 0)) | expected
