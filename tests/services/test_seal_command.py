import errno
import os

import pytest

from stimme.apps.ballot import publisher
from stimme.apps.causes.models import Cause
from stimme.cli import run
from tests.house import lines


@pytest.fixture(autouse=True)
def _opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stimme.cli.seal.open_instance", lambda _keys: None)


def test_what_was_sealed_is_told(cause: Cause, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["seal"]) == 0
    number = len(lines())
    said = f"Sealed {number} lines; the log now holds {number}.\n"
    assert capsys.readouterr().out == said


def test_a_full_disk_is_told_in_one_sentence(
    cause: Cause, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_resources: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(publisher, "write", full)
        assert run(["seal"]) == 1
    assert capsys.readouterr().out == (
        "stimme: sealing was interrupted; the next one goes on from there: "
        "[Errno 28] No space left on device\n"
    )
    assert run(["seal"]) == 0
