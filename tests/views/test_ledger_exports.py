"""The ledger as files and as a page a year: all of it, and safe to open."""

import csv
import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from stimme.apps.accounts.models import User
from stimme.apps.ballot.services import stand_by
from stimme.apps.causes.models import Cause
from stimme.apps.ledger.exports import COLUMNS
from stimme.apps.moderation.services import hide
from stimme.apps.organisations.models import Organisation, Result
from stimme.apps.organisations.services import find_or_add_organisation, record_decision
from stimme.engines.translog import short_code
from tests.house import lines, start_cause, version_of, vote
from tests.visitors import text_of, visitor

DOCUMENT = Path(__file__).parents[2] / "docs" / "use" / "your-ledger.md"


def told(user: User) -> list[dict[str, Any]]:
    answer = visitor(user).get("/votes/export.json")
    assert answer.headers["Content-Type"] == "application/json"
    found: list[dict[str, Any]] = json.loads(answer.content)["votes"]
    return found


def table(user: User) -> list[dict[str, str]]:
    answer = visitor(user).get("/votes/export.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


@pytest.fixture
def decided(cause: Cause, bob: User, charlie: User) -> Cause:
    """Charlie was for it, it was granted, and Charlie stands by the vote."""
    vote(charlie, cause, "against")
    vote(charlie, cause, "for")
    record_decision(
        by=bob,
        cause=cause,
        result=Result.GRANTED,
        summary="It is back.",
        source_url="",
        decided_on=dt.date(2026, 11, 2),
    )
    stand_by(user=charlie, cid=version_of(cause).cid)
    return cause


def test_json_tells_all_there_is(decided: Cause, charlie: User) -> None:
    line = lines(kind="vote")[-1]
    [row] = told(charlie)
    assert tuple(row) == COLUMNS
    assert row == {
        "demand": "Bring back Product X",
        "organisation": "Corner Shop",
        "cause": f"http://localhost:8000{decided.get_absolute_url()}",
        "version": 1,
        "cid": version_of(decided).cid,
        "choice": "for",
        "hour": line.split(" ")[7],
        "changes": 1,
        "level": 0,
        "briefed": False,
        "annulled": "",
        "receipt": short_code(line),
        "voters_now": 1,
        "asks": "",
        "decision": "granted",
        "decided_on": "2026-11-02",
        "happened": [{"day": "2026-11-02", "what": "decision", "answers": ["stood by"]}],
    }


def test_csv_tells_the_same(decided: Cause, charlie: User) -> None:
    [row], [same] = table(charlie), told(charlie)
    plain = {name: str(value) for name, value in same.items()}
    assert row == plain | {
        "cid": row["cid"],
        "briefed": "no",
        "happened": "2026-11-02 decision (stood by)",
    }
    assert row["cid"].removeprefix("'") == same["cid"]


@pytest.mark.parametrize("name", ["=1+1", "+41 44", "-2", "@shop", "Corner Shop"])
def test_no_cell_is_run_by_a_spreadsheet(alice: User, charlie: User, name: str) -> None:
    organisation = find_or_add_organisation(name=f"{name} Shop")
    vote(charlie, start_cause(alice, organisation, f"{name} is what we ask for"), "for")
    [row] = table(charlie)
    sign = "'" if name[0] in "=+-@" else ""
    assert row["organisation"] == f"{sign}{name} Shop"
    assert row["demand"] == f"{sign}{name} is what we ask for"
    assert told(charlie)[0]["organisation"] == f"{name} Shop"


def test_a_hidden_demand_is_not_repeated(cause: Cause, bob: User, charlie: User) -> None:
    vote(charlie, cause, "for")
    hide(by=bob, target=cause, reason="It names a private person.")
    assert [told(charlie)[0]["demand"], table(charlie)[0]["demand"]] == ["", ""]


def test_nothing_voted_is_an_empty_file(charlie: User) -> None:
    assert (told(charlie), table(charlie)) == ([], [])


def test_the_document_says_what_each_column_means() -> None:
    rows = re.findall(r"^\| `(\w+)` \| \S", DOCUMENT.read_text(), re.MULTILINE)
    assert tuple(rows) == COLUMNS


def test_a_year_is_on_one_page(alice: User, charlie: User, shop: Organisation) -> None:
    for number in range(3):
        vote(charlie, start_cause(alice, shop, f"Bring back Product {number}"), "for")
    [year] = {int(row["hour"][:4]) for row in table(charlie)}
    html = text_of(visitor(charlie).get(f"/votes/{year}/"))
    assert f"<h1>My votes in {year}</h1>" in html
    assert "You voted on 3 causes." in html
    assert html.count("All about this vote") == 3
    assert f'href="/votes/{year}/"' in text_of(visitor(charlie).get("/votes/"))
    for other in (year - 1, year + 1, 0, 10**30):
        assert visitor(charlie).get(f"/votes/{other}/").status_code == 404
