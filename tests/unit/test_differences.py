import time

import pytest

from stimme.apps.causes.differences import differences


@pytest.mark.parametrize(
    "old, new, pieces",
    [
        ("Open", "Open", [("same", "Open")]),
        ("", "", []),
        ("", "Open now", [("added", "Open now")]),
        ("Open now", "", [("removed", "Open now")]),
        (
            "Open the pool on Sundays",
            "Open the indoor pool on Mondays",
            [
                ("same", "Open the "),
                ("added", "indoor "),
                ("same", "pool on "),
                ("removed", "Sundays"),
                ("added", "Mondays"),
            ],
        ),
        ("One\ntwo", "One two", [("same", "One two")]),
    ],
)
def test_wordings_are_compared_word_by_word(
    old: str, new: str, pieces: list[tuple[str, str]]
) -> None:
    assert [(piece.kind, piece.text) for piece in differences(old, new)] == pieces


def test_no_text_takes_long_to_compare() -> None:
    """Two words in turn, in another order: each match is short, and there are many."""
    old = " ".join("ab"[number % 2] for number in range(600))
    new = " ".join("ab"[number // 2 % 2] for number in range(600))
    begun = time.process_time()
    pieces = differences(old, new)
    assert time.process_time() - begun < 1
    kept = [piece.text for piece in pieces if piece.kind != "removed"]
    assert "".join(kept).split() == new.split()
