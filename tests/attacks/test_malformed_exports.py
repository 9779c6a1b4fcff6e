"""Exports that are broken, by accident or on purpose: a sentence, and nothing stored by half."""

import contextlib
import os
import threading
import tracemalloc
from pathlib import Path

import pytest

from stimme.apps.ballot.models import ImportedSigners
from stimme.apps.causes.importing.polis import import_polis
from stimme.apps.causes.importing.report import Report
from stimme.apps.causes.importing.tables import MOST_BYTES, BadFile
from stimme.apps.causes.importing.votes import NewCause, import_votes
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand
from stimme.apps.organisations.models import Organisation
from tests.house import lines

pytestmark = pytest.mark.django_db
HEADER = b"time,signer,choice\n"
ROW = b"1616521615,ann,for\n"


def run(path: Path) -> Report:
    report = Report()
    into = NewCause("Corner Shop", Demand("Bring back Product X", "en"))
    import_votes(path, into=into, report=report)
    return report


def refused(path: Path) -> str:
    with pytest.raises(BadFile) as caught:
        run(path)
    assert lines() == []
    assert not Cause.objects.exists()
    assert not Organisation.objects.exists()
    assert not ImportedSigners.objects.exists()
    return str(caught.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "votes.csv"


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"", "the columns time, signer, choice are needed; found are: none."),
        (b"\n\n", "the columns time, signer, choice are needed; found are: none."),
        (b"a,b\n1,2\n", "the columns time, signer, choice are needed; found are: a, b."),
        (ROW, "the columns time, signer, choice are needed; found are: 1616521615, ann, for."),
        (HEADER, "there is no row with a vote."),
        (HEADER + b"x\n", "there is no row with a vote."),
    ],
)
def test_a_file_without_its_columns_or_rows(file: Path, content: bytes, sentence: str) -> None:
    file.write_bytes(content)
    assert refused(file) == f"votes.csv: {sentence}"


@pytest.mark.parametrize(
    "content, sentence",
    [
        (ROW + "1616521615,Zoë,for\n".encode("latin-1"), "the text is not in UTF-8; save the"),
        ((HEADER + ROW).decode().encode("utf-16"), "there are NUL bytes, so this is not a text"),
        (ROW + b"1616521615,a\0b,for\n", "there are NUL bytes, so this is not a text file"),
        (ROW + b"1616521615," + b"x" * MOST_BYTES + b",for\n", "a row is longer than 64 KiB"),
        (ROW + b'1616521615,"ann,for\n' + ROW, "the file breaks off within a quoted text"),
        (ROW + b'1616521615,"ann"x,for\n', "this is not CSV"),
        (ROW + b"\x89PNG\r\n\x1a\n", "the text is not in UTF-8"),
    ],
)
def test_a_file_that_is_no_table_further_down(file: Path, content: bytes, sentence: str) -> None:
    file.write_bytes(HEADER + content)
    found = refused(file)
    assert sentence in found
    assert found.startswith("votes.csv, line ")


def test_a_byte_order_mark_is_fine(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + HEADER + ROW)
    assert run(file).votes == 1


def test_a_file_that_breaks_off_in_a_row_loses_that_row_only(file: Path) -> None:
    file.write_bytes(HEADER + ROW + b"1616521616,ben,aga")
    report = run(file)
    assert report.votes == 1
    assert [(one.line, one.reason) for one in report.rejected] == [
        (3, "a choice is for, against or withdrawn")
    ]


@pytest.mark.parametrize(
    "row, reason",
    [
        (b"1616521615,ann", "it has 2 columns, the header has 3"),
        (b"1616521615,ann,for,x", "it has 4 columns, the header has 3"),
        (b"1616521615,,for", "a signer has 1 to 200 characters"),
        (b"1616521615," + b"x" * 201 + b",for", "a signer has 1 to 200 characters"),
        (b"1616521615,ann,FOR", "a choice is for, against or withdrawn"),
        (b"1616521615,ann,withdrawn", "there is no vote to withdraw"),
        (b"yesterday,ann,for", "a time is in unix seconds or ISO 8601"),
        (b"2021-02-30,ann,for", "a time is in unix seconds or ISO 8601"),
        (b"-5,ann,for", "a time is in unix seconds or ISO 8601"),
        ("１６１６５２１６１５,ann,for".encode(), "a time is in unix seconds or ISO 8601"),  # noqa: RUF001
        (b"1616521615000,ann,for", "a time is in unix seconds or ISO 8601"),
        (b"161652161500,ann,for", "its time lies in the future"),
        (b"2999-01-01T00:00:00Z,ann,for", "its time lies in the future"),
        (b"1969-12-31T23:00:00Z,ann,for", "its time lies before 1970"),
    ],
)
def test_a_row_that_is_no_vote_is_rejected_alone(file: Path, row: bytes, reason: str) -> None:
    file.write_bytes(HEADER + b"1616521615,ben,for\n" + row + b"\n1616521616,eve,against\n")
    report = run(file)
    assert (report.rows, report.votes) == (3, 2)
    assert [(one.line, one.reason) for one in report.rejected] == [(3, reason)]


def test_duplicate_rows_are_one_vote(file: Path) -> None:
    file.write_bytes(HEADER + ROW * 3)
    report = run(file)
    assert (report.votes, report.repeated) == (1, 2)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    missing = tmp_path / "no.csv"
    assert refused(missing) == f"{missing} cannot be read: no such file or directory."
    assert refused(tmp_path) == f"{tmp_path} cannot be read: is a directory."


def test_a_line_of_a_gigabyte_costs_neither_memory_nor_time(file: Path) -> None:
    with file.open("wb") as sparse:
        sparse.write(HEADER + ROW)
        sparse.seek(1 << 30)
        sparse.write(b"\n")
    tracemalloc.start()
    sentence = refused(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sentence == "votes.csv, line 3: there are NUL bytes, so this is not a text file."
    assert peak < 5_000_000


@pytest.mark.parametrize("piece", [b"x" * 4096, b'"x\n",' * 512])
def test_an_endless_line_is_read_no_further_than_64_kib(file: Path, piece: bytes) -> None:
    """Through a pipe, so that reading on would be seen; the second is one row of many lines."""
    os.mkfifo(file)
    cut_off = threading.Event()

    def feed() -> None:
        with contextlib.suppress(BrokenPipeError), file.open("wb", buffering=0) as pipe:
            pipe.write(HEADER)
            for _ in range(1 << 18):
                pipe.write(piece)
            return
        cut_off.set()

    feeder = threading.Thread(target=feed)
    feeder.start()
    assert "a row is longer than 64 KiB" in refused(file)
    feeder.join()
    assert cut_off.is_set()


def polis(folder: Path, comments: str, votes: str) -> Report:
    (folder / "comments.csv").write_text(comments)
    (folder / "votes.csv").write_text(votes)
    report = Report()
    import_polis(folder, organisation="Corner Shop", report=report)
    return report


COMMENTS = "timestamp,comment-id,comment-body\n1435654192085,0,More bread\n"
VOTES = "timestamp,comment-id,voter-id,vote\n1435654192086,0,1,1\n"


@pytest.mark.parametrize(
    "comments, votes, sentence",
    [
        ("", VOTES, "comments.csv: the columns comment-id, timestamp, comment-body are needed"),
        (COMMENTS, "", "votes.csv: the columns timestamp, comment-id, voter-id, vote are needed"),
        (COMMENTS, VOTES.splitlines()[0], "a conversation needs statements and votes"),
        (COMMENTS.splitlines()[0], VOTES, "a conversation needs statements and votes"),
        (COMMENTS + '1,2,"More', VOTES, "comments.csv, line 3: the file breaks off within a quote"),
    ],
)
def test_a_conversation_that_is_broken_stores_nothing(
    tmp_path: Path, comments: str, votes: str, sentence: str
) -> None:
    with pytest.raises(BadFile, match=sentence):
        polis(tmp_path, comments, votes)
    assert lines() == []
    assert not Organisation.objects.exists()


def test_a_folder_without_an_export(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"comments\.csv cannot be read: no such file"):
        import_polis(tmp_path, organisation="Corner Shop", report=Report())


@pytest.mark.parametrize("name", ["", "x" * 101, "bread\u202e"])
def test_a_source_with_an_impossible_name(tmp_path: Path, name: str) -> None:
    from django.core.exceptions import ValidationError

    (tmp_path / "comments.csv").write_text(COMMENTS)
    (tmp_path / "votes.csv").write_text(VOTES)
    with pytest.raises((BadFile, ValidationError)):
        import_polis(tmp_path, organisation="Corner Shop", source=name or " ", report=Report())
    assert lines() == []


def test_an_address_that_is_no_web_address_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "summary.csv").write_text("url,javascript:alert(1)\n")
    polis(tmp_path, COMMENTS, VOTES)
    assert Cause.objects.get().sources.get().url == ""
