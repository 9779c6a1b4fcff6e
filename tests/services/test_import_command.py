import csv
from pathlib import Path

import pytest

from stimme import cli
from stimme.apps.ballot import publisher
from stimme.apps.ballot.models import PendingLine
from stimme.apps.causes.models import Cause
from tests.house import lines, version_of

pytestmark = pytest.mark.django_db
NEW = ["--organisation", "Corner Shop", "--ask", "Bring back Product X"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "votes.csv"
    path.write_text(
        "time,signer,choice\n1616521615,ann,for\n1616521616,ben,against\n"
        "1616521617,ben,withdrawn\n1616521618,eve,no\n1616521619,zoe,withdrawn\n"
    )
    return path


def test_an_import_ends_with_the_count_from_the_log(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["import", "votes", str(file), *NEW]) == 0
    cid = version_of(Cause.objects.get()).cid
    printed = capsys.readouterr().out
    assert [line.split() for line in printed.splitlines() if line] == [
        line.split()
        for line in (
            "rows in votes.csv 5",
            "new causes 1",
            "votes 2",
            "withdrawals 1",
            "rejected 2",
            "Rejected in votes.csv, because a choice is for, against or withdrawn: 1 (line 5)",
            "Rejected in votes.csv, because there is no vote to withdraw: 1 (line 6)",
            "Sealed 5 lines; the log now holds 5.",
            "Recounted from the published log alone:",
            "cause for against withdrawn demand",
            f"{cid} 1 0 1 Bring back Product X",
            "No alarms.",
        )
    ]


def test_sealing_can_be_left_to_the_server(file: Path) -> None:
    assert cli.run(["import", "votes", str(file), *NEW, "--no-seal"]) == 0
    assert publisher.published_checkpoint() is None
    assert PendingLine.objects.filter(kind="vote").count() == 3


def test_every_rejected_row_can_be_listed(file: Path, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    cli.run(["import", "votes", str(file), *NEW, "--no-seal", "--rejects", str(rejects)])
    with rejects.open(newline="") as opened:
        found = [(row["line"], row["row"]) for row in csv.DictReader(opened)]
    assert found == [
        ("5", "1616521618,eve,no"),
        ("6", "zoe,withdrawn,2021-03-23T17:46:59+00:00"),
    ]


def test_a_conversation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "comments.csv").write_text(
        "timestamp,comment-id,comment-body\n1435654192085,0,More bread\n"
    )
    (tmp_path / "votes.csv").write_text(
        "timestamp,comment-id,voter-id,vote\n1435654192086,0,1,1\n1435654192086,0,2,0\n"
    )
    command = ["import", "polis", str(tmp_path), "--organisation", "Corner Shop"]
    assert cli.run(command) == 0
    assert "passes without a vote 1" in " ".join(capsys.readouterr().out.split())
    assert cli.run(command) == 0
    assert "stored by an earlier import 1" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--organisation", "Corner Shop"],
        ["--ask", "Bring back Product X"],
        ["--cause", "x", *NEW],
        ["--cause", "x", "--ask", "y"],
    ],
)
def test_votes_need_one_cause(
    file: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["import", "votes", str(file), *options]) == 2
    told = "stimme: Give --cause, or --organisation and --ask. Nothing was stored.\n"
    assert capsys.readouterr().err == told


@pytest.mark.parametrize(
    "organisation, ask, sentence",
    [
        ("Corner Shop", "Bring\u202e back", "This text contains invisible characters."),
        ("Corner Shop", "!", "A demand needs words."),
        ("Corner Shop", "x" * 1001, "A demand has at most 1000 characters."),
        ("?", "Bring back Product X", "An organisation needs a name."),
        ("x" * 121, "Bring back Product X", "The name of an organisation has at most 120"),
    ],
)
def test_texts_of_a_new_cause_are_checked(
    file: Path, capsys: pytest.CaptureFixture[str], organisation: str, ask: str, sentence: str
) -> None:
    command = ["import", "votes", str(file), "--organisation", organisation, "--ask", ask]
    assert cli.run(command) == 2
    assert sentence in capsys.readouterr().err
    assert lines() == []


def test_an_interruption_says_where_it_stopped(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_self: object, done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    monkeypatch.setattr("stimme.cli.output.Bar.__call__", interrupt)
    monkeypatch.setattr("stimme.apps.causes.importing.events.AT_ONCE", 2)
    assert cli.run(["import", "votes", str(file), *NEW]) == 130
    assert capsys.readouterr().err == (
        "stimme: The import stopped after 2 votes, changes and withdrawals, which are stored: "
        "you interrupted it. The same command again goes on from there.\n"
    )
    monkeypatch.undo()
    assert cli.run(["import", "votes", str(file), *NEW]) == 0
    assert len(lines(kind="vote")) == 3


def test_a_file_of_rejected_rows_says_why(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("time,signer,choice\nyesterday,ann,for\n")
    assert cli.run(["import", "votes", str(file), *NEW]) == 2
    printed = capsys.readouterr()
    reason = "a time is in unix seconds or ISO 8601"
    assert printed.out == f"Rejected in votes.csv, because {reason}: 1 (line 2)\n"
    assert printed.err == "stimme: votes.csv: there is no row with a vote. Nothing was stored.\n"


def test_a_list_of_rejected_rows_that_cannot_be_written(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["import", "votes", str(file), *NEW, "--no-seal", "--rejects", str(tmp_path)]
    assert cli.run(command) == 0
    assert "The rejected rows could not be written" in capsys.readouterr().err
