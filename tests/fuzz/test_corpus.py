"""Every input that was worth keeping, at every parser it was kept for."""

from pathlib import Path

import pytest

from tests.fuzz.places import CORPUS, TARGETS, check_of

KEPT = sorted(CORPUS.glob("*/*"))


def test_every_target_has_a_corpus() -> None:
    assert sorted(path.name for path in CORPUS.iterdir()) == TARGETS


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_kept_holds(path: Path) -> None:
    check_of(path.parent.name)(path.read_bytes())
