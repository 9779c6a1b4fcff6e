from pathlib import Path

import pytest
from django.test import Client

from stimme.apps.ballot.models import ImportedSigners, Seat
from stimme.apps.ballot.selectors import count_of
from stimme.apps.causes.importing.polis import import_polis
from stimme.apps.causes.importing.report import Report
from stimme.apps.causes.models import Cause, Provenance
from tests.house import lines, version_of

pytestmark = pytest.mark.django_db
COMMENTS = """\
timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body
1435654192085,x,1,0,1,0,1,"Longer opening hours
on Saturdays"
1435654192000,x,0,0,1,0,1,More bread
1435654192000,x,2,0,1,0,-1,Nobody votes here
"""
VOTES = """\
timestamp,datetime,comment-id,voter-id,vote
1435654200004,x,0,7,0
1435654200001,x,0,7,1
1435654200002,x,0,8,-1
1435654200003,x,0,8,1
1435654200003,x,1,7,0
1435654200005,x,1,8,1
1435654200005,x,1,8,1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "comments.csv").write_text(COMMENTS)
    (tmp_path / "votes.csv").write_text(VOTES)
    (tmp_path / "summary.csv").write_text("topic,Bread\nurl,https://pol.is/3example\n")
    return tmp_path


def run(folder: Path) -> Report:
    report = Report()
    import_polis(folder, organisation="Corner Shop", source="bread", report=report)
    return report


def numbers(ask: str) -> tuple[int, int, int]:
    count = count_of(version_of(Cause.objects.get(current__ask=ask)).cid)
    return count.votes_for, count.votes_against, count.withdrawn


def test_agree_is_for_disagree_is_against_and_a_pass_withdraws(folder: Path) -> None:
    report = run(folder)
    assert (report.rows, report.votes, report.changes) == (7, 3, 1)
    assert (report.withdrawals, report.passes, report.repeated) == (1, 1, 1)
    assert report.rejected == []
    assert numbers("More bread") == (1, 0, 1)


def test_a_statement_of_several_lines_is_one_sentence(folder: Path) -> None:
    run(folder)
    assert numbers("Longer opening hours on Saturdays") == (1, 0, 0)


def test_a_statement_without_votes_is_a_cause_too(folder: Path) -> None:
    assert run(folder).causes_made == 3
    assert numbers("Nobody votes here") == (0, 0, 0)


def test_a_cause_says_where_its_statement_comes_from(folder: Path) -> None:
    run(folder)
    cause = Cause.objects.get(current__ask="More bread")
    assert cause.provenance == Provenance.IMPORTED
    assert [(one.title, one.url) for one in cause.sources.all()] == [
        ("Polis conversation bread, statement 0", "https://pol.is/3example")
    ]


def test_a_voter_has_unrelated_pseudonyms_and_is_one_signer(folder: Path) -> None:
    run(folder)
    assert Seat.objects.values("p").distinct().count() == 3
    assert ImportedSigners.objects.get().number == 2


def test_importing_again_changes_nothing(folder: Path) -> None:
    run(folder)
    before = lines()
    report = run(folder)
    assert (report.cast, report.causes_made, report.earlier) == (0, 0, 5)
    assert lines() == before
    assert ImportedSigners.objects.get().number == 2


def test_statements_with_the_same_words_are_two_causes(folder: Path) -> None:
    (folder / "comments.csv").write_text(COMMENTS + "1435654192000,x,3,0,0,0,0,More bread\n")
    assert run(folder).causes_made == 4
    assert run(folder).causes_made == 0


def test_rows_that_cannot_be_votes_are_rejected_with_their_lines(folder: Path) -> None:
    more = "1435654200009,x,99,7,1\n1435654200009,x,0,7,2\nnow,x,0,7,1\n1435654200009,x,0\n"
    (folder / "votes.csv").write_text(VOTES + more)
    report = run(folder)
    assert report.rows == 11
    assert sorted((one.line, one.reason) for one in report.rejected) == [
        (9, "there is no statement with this id"),
        (10, "a vote is 1, -1 or 0"),
        (11, "a timestamp is in milliseconds since 1970"),
        (12, "it has 3 columns, the header has 5"),
    ]


@pytest.mark.parametrize(
    "body", ["", "   ", "!?", "Pay \u202eeht llib", "Bring b\u0430ck bread", "x" * 1001]
)
def test_a_statement_that_cannot_be_a_demand_is_rejected_with_its_votes(
    folder: Path, body: str
) -> None:
    (folder / "comments.csv").write_text(COMMENTS + f"1435654192000,x,3,0,0,0,0,{body}\n")
    (folder / "votes.csv").write_text(VOTES + "1435654200009,x,3,7,1\n")
    report = run(folder)
    assert [(one.file, one.line) for one in report.rejected] == [
        ("comments.csv", 6),
        ("votes.csv", 9),
    ]
    assert report.causes_made == 3


def test_a_statement_id_that_comes_twice_is_one_cause(folder: Path) -> None:
    (folder / "comments.csv").write_text(COMMENTS + "1435654192000,x,0,0,0,0,0,Less bread\n")
    report = run(folder)
    assert [(one.line, one.reason) for one in report.rejected] == [
        (6, "there is a statement with this id above")
    ]


def test_a_conversation_without_an_address_is_named_without_a_link(
    folder: Path, client: Client
) -> None:
    (folder / "summary.csv").unlink()
    run(folder)
    cause = Cause.objects.get(current__ask="More bread")
    page = client.get(cause.get_absolute_url()).content.decode()
    assert "Polis conversation bread, statement 0" in page
    assert 'href=""' not in page
