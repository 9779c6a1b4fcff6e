"""What a ballot tells of its reader counts only where its paper bears it out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stimme.apps.ballot import papers
from stimme.apps.ballot.door.requests import BallotRequest, Seen, read_ballot
from stimme.apps.ballot.door.voting import vote_of
from stimme.apps.ballot.errors import PaperRefused
from stimme.apps.ballot.papers import Shown
from stimme.apps.ballot.readings import TIMES, Reading, bucket

KEY, SESSION = b"k" * 32, "a-session"
CID, PSEUDONYM = "P0zf875xeNbzuPiW4kUPPQ", "ZrQq8Xc7KqIGO78FoW6QnA"
FORM = "application/x-www-form-urlencoded"
BRIEFED = Shown(briefed=3, answers=(2, 0, 1))

readings = st.builds(
    Reading,
    *[st.booleans()] * 5,
    time=st.integers(0, len(TIMES) + 1),
    checked=st.integers(0, 3),
    right=st.integers(0, 3),
)


def read(shown: Shown, seen: Seen | None, after: int = 0) -> Reading:
    paper = papers.issue(KEY, SESSION, cid=CID, pseudonym=PSEUDONYM, level=0, shown=shown)
    issued = papers.read(KEY, SESSION, paper).issued
    ballot = BallotRequest(paper, "for", seen=seen)
    return Reading.unpacked(vote_of(KEY, ballot, SESSION, now=issued + after).reading)


@given(readings)
def test_packing_keeps_everything(reading: Reading) -> None:
    assert Reading.unpacked(reading.packed()) == reading
    assert reading.packed() < 2**12


@given(
    st.builds(
        Shown,
        briefed=st.integers(0, 2**16 - 1),
        count_seen=st.booleans(),
        answers=st.lists(st.integers(0, 3), max_size=3).map(tuple),
        link=st.integers(0, 2**32 - 1),
    )
)
def test_a_paper_tells_all_that_was_shown(shown: Shown) -> None:
    paper = papers.issue(KEY, SESSION, cid=CID, pseudonym=PSEUDONYM, level=2, shown=shown)
    assert papers.read(KEY, SESSION, paper)[:4] == (CID, PSEUDONYM, 2, shown)


def test_without_a_script_only_the_paper_tells() -> None:
    assert read(BRIEFED, None, 50) == Reading(briefed=True)
    assert read(Shown(count_seen=True), None, 50) == Reading(count_seen=True)


def test_with_a_script_the_form_tells_the_rest() -> None:
    seen = Seen(seconds=45, both=True, source=True, checked=(2, None, 3))
    assert read(BRIEFED, seen, 60) == Reading(
        briefed=True,
        measured=True,
        both_seen=True,
        source_opened=True,
        time=bucket(45),
        checked=2,
        right=1,
    )


def test_nobody_has_read_for_longer_than_there_was_a_paper() -> None:
    seen = Seen(seconds=9999, both=False, source=False, checked=(None, None, None))
    assert read(BRIEFED, seen, 20).time == bucket(20)


def test_a_self_check_needs_no_script() -> None:
    seen = Seen(seconds=None, both=True, source=True, checked=(2, 0, 1))
    assert read(BRIEFED, seen, 20) == Reading(briefed=True, checked=3, right=3)


def test_more_answers_than_questions_do_not_count() -> None:
    seen = Seen(seconds=None, both=False, source=False, checked=(1, 1, 1))
    assert read(Shown(briefed=1, answers=(1,)), seen) == Reading(briefed=True, checked=1, right=1)


def test_who_was_not_briefed_cannot_say_so() -> None:
    seen = Seen(seconds=45, both=True, source=False, checked=(None, None, None))
    with pytest.raises(PaperRefused):
        read(Shown(), seen, 60)


@pytest.mark.parametrize(
    "elapsed, number", [(0, 1), (14, 1), (15, 2), (89, 4), (179, 5), (180, 6), (10**6, 6)]
)
def test_seconds_are_kept_as_one_of_six_buckets(elapsed: int, number: int) -> None:
    assert bucket(elapsed) == number


def test_a_form_tells_it_in_fields_of_its_own() -> None:
    body = b"paper=p&choice=for&seconds=45&both=1&source=&q1=2&q3=0"
    seen = Seen(seconds=45, both=True, source=False, checked=(2, None, 0))
    assert read_ballot(FORM, body) == BallotRequest("p", "for", seen=seen)


@pytest.mark.parametrize("field", ["seconds=-1", "seconds=1e3", "both=yes", "source=2", "q1=4"])
def test_what_no_form_of_ours_says_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match=r"not|neither"):
        read_ballot(FORM, f"paper=p&choice=for&{field}".encode())
