from pathlib import Path

import pytest

from stimme.apps.accounts.models import User
from stimme.apps.ballot.models import ImportedSigners
from stimme.apps.ballot.selectors import count_of
from stimme.apps.ballot.services import close_box
from stimme.apps.causes.importing.report import Report
from stimme.apps.causes.importing.tables import BadFile
from stimme.apps.causes.importing.votes import NewCause, import_votes, version_called
from stimme.apps.causes.models import Cause, Provenance
from stimme.apps.causes.services import Demand
from tests.house import lines, version_of, vote

pytestmark = pytest.mark.django_db
NEW = NewCause("Corner Shop", Demand("Bring back Product X", "en"))
HISTORY = """\
time,signer,choice
1616521615,ann,for
1616521616,ben,against
2021-03-23T17:46:57Z,ann,withdrawn
1616521618,eve,for
1616521619,ben,for
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "votes.csv"
    path.write_text(HISTORY)
    return path


def run(path: Path, source: str = "") -> Report:
    report = Report()
    import_votes(path, into=NEW, source=source, report=report)
    return report


def numbers() -> tuple[int, int, int]:
    count = count_of(version_of(Cause.objects.get()).cid)
    return count.votes_for, count.votes_against, count.withdrawn


def test_every_row_becomes_a_line(file: Path) -> None:
    report = run(file)
    assert (report.rows, report.votes, report.changes, report.withdrawals) == (5, 3, 1, 1)
    assert report.rejected == []
    assert numbers() == (2, 0, 1)
    assert len(lines(kind="vote")) == 5


def test_imported_votes_have_level_9_and_the_hour_of_their_row(file: Path) -> None:
    run(file)
    votes = {tuple(text.split(" ")[6:]) for text in lines(kind="vote")}
    assert votes == {("9", "2021-03-23T17Z", "-", "-")}


def test_the_cause_is_marked_as_imported_and_opens_with_the_first_vote(file: Path) -> None:
    run(file)
    cause = Cause.objects.get()
    assert cause.provenance == Provenance.IMPORTED
    assert cause.author is None
    assert cause.opened_at.isoformat() == "2021-03-23T17:46:55+00:00"
    assert [line.split(" ")[4] for line in lines(kind="cause")] == ["2021-03-23T17Z"]


def test_importing_again_changes_nothing(file: Path) -> None:
    run(file)
    report = run(file)
    assert (report.cast, report.earlier, report.causes_made) == (0, 5, 0)
    assert numbers() == (2, 0, 1)
    assert ImportedSigners.objects.get().number == 3


def test_a_longer_export_adds_only_what_is_new(file: Path) -> None:
    run(file)
    file.write_text(HISTORY + "1616521700,ann,against\n1616521701,zoe,for\n")
    report = run(file)
    assert (report.earlier, report.votes, report.changes) == (5, 1, 1)
    assert numbers() == (3, 1, 0)
    assert ImportedSigners.objects.get().number == 4


def test_an_export_that_contradicts_what_was_imported_is_reported(file: Path) -> None:
    run(file)
    file.write_text(HISTORY.replace("eve,for", "eve,against") + "1616521700,eve,for\n")
    report = run(file)
    assert [(one.line, one.text) for one in report.rejected] == [
        (5, "eve,against,2021-03-23T17:46:58+00:00"),
        (7, "eve,for,2021-03-23T17:48:20+00:00"),
    ]
    assert numbers() == (2, 0, 1)


def test_signers_of_another_source_are_other_people(file: Path) -> None:
    run(file)
    assert run(file, source="another list").votes == 3
    assert numbers() == (4, 0, 2)
    assert sum(ImportedSigners.objects.values_list("number", flat=True)) == 6


def test_an_interrupted_import_goes_on_where_it_stopped(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("stimme.apps.causes.importing.events.AT_ONCE", 2)
    with pytest.raises(KeyboardInterrupt):
        import_votes(file, into=NEW, report=Report(), progress=interrupt)
    assert numbers() == (1, 1, 0)
    assert ImportedSigners.objects.get().number == 2
    report = run(file)
    assert (report.earlier, report.cast) == (2, 3)
    assert numbers() == (2, 0, 1)
    assert ImportedSigners.objects.get().number == 3


def test_rows_are_cast_in_the_order_of_their_times(tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    header, *rows = HISTORY.splitlines(keepends=True)
    path.write_text("".join([header, *reversed(rows)]))
    run(path)
    assert numbers() == (2, 0, 1)


def test_columns_may_stand_in_another_order_among_others(tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("choice,note,signer,time\nfor,x,ann,1616521615\n")
    assert run(path).votes == 1


def test_votes_join_a_cause_of_people_at_their_own_level(
    file: Path, cause: Cause, charlie: User
) -> None:
    vote(charlie, cause, "for")
    version = version_of(cause)
    assert version_called(cause.slug) == version_called(version.cid) == version
    import_votes(file, into=version, report=Report())
    levels = [(one.level, one.votes_for) for one in count_of(version.cid).levels]
    assert levels == [(0, 1), (9, 2)]


def test_rows_for_a_closed_cause_are_rejected(file: Path, cause: Cause) -> None:
    version = version_of(cause)
    close_box(cid=version.cid)
    report = Report()
    import_votes(file, into=version, report=report)
    assert report.cast == 0
    assert len(report.rejected) == 5
    assert not ImportedSigners.objects.exists()


def test_there_must_be_such_a_cause(db: None) -> None:
    with pytest.raises(BadFile, match="no cause with the slug or cid nothing-here"):
        version_called("nothing-here")
