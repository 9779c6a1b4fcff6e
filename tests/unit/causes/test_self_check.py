"""Questions made from a briefing: each has one right answer, and it stands on the page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stimme.apps.ballot.readings import MOST_QUESTIONS
from stimme.apps.causes.considering import Ground
from stimme.apps.causes.models import AffectedParty, Cause, CauseVersion, Effect
from stimme.apps.causes.selectors import Briefing
from stimme.apps.causes.self_check import Question, Reasons, questions_of
from stimme.apps.organisations.models import Organisation

BOTH = Reasons("It tastes better.", "It costs more.")
NAMES = st.text(st.characters(categories=["L"]), min_size=1, max_size=10)
PARTIES = st.lists(st.tuples(NAMES, st.sampled_from(Effect)), max_size=12)


def briefing(*parties: tuple[str, Effect], cid: str = "c") -> Briefing:
    cause = Cause(organisation=Organisation(name="Corner Shop"))
    found = [AffectedParty(name=name, effect=effect, how="So.") for name, effect in parties]
    version = CauseVersion(cid=cid)
    return Briefing(
        cause=cause,
        current=version,
        versions=[version],
        parties=[(party, "") for party in found],
        sources=[],
        responses=[],
        decisions=[],
        ground=Ground({}, []),
    )


def by_text(questions: list[Question]) -> dict[str, str]:
    return {question.text: question.answer for question in questions}


GAIN_AND_LOSS = [("Shoppers", Effect.GAINS), ("Supplier", Effect.LOSES)]


def test_ask_who_decides_what_the_other_side_says_and_who_loses() -> None:
    one, other = (
        by_text(questions_of(briefing(*GAIN_AND_LOSS), BOTH, against_first=first))
        for first in (False, True)
    )
    assert one == {
        "Who decides this?": "Corner Shop",
        "Which of these is a reason against it?": "It costs more.",
        "Who would lose something by it?": "Supplier",
    }
    assert other["Which of these is a reason for it?"] == "It tastes better."


def test_where_a_part_is_missing_ask_what_happens_then() -> None:
    questions = questions_of(briefing(), Reasons(), against_first=False)
    assert [question.text for question in questions] == [
        "Who decides this?",
        "What happens if most vote for it?",
    ]


@pytest.mark.parametrize(
    "parties",
    [
        [("Supplier", Effect.LOSES)],
        [("Shoppers", Effect.GAINS)],
        [("Shoppers", Effect.GAINS), ("Nurses", Effect.BOTH)],
        [("Shoppers", Effect.GAINS), ("Shoppers", Effect.LOSES)],
    ],
)
def test_do_not_ask_who_loses_where_one_could_be_right_in_two_ways(
    parties: list[tuple[str, Effect]],
) -> None:
    questions = by_text(questions_of(briefing(*parties), BOTH, against_first=False))
    assert "Who would lose something by it?" not in questions


def test_hidden_parties_are_no_options() -> None:
    found = briefing(*GAIN_AND_LOSS)
    found.parties[0][0].hidden = True
    assert "Who would lose something by it?" not in by_text(
        questions_of(found, BOTH, against_first=False)
    )


@given(parties=PARTIES, reasons=st.tuples(NAMES, NAMES), first=st.booleans())
def test_two_or_three_of_different_options(
    parties: list[tuple[str, Effect]], reasons: tuple[str, str], *, first: bool
) -> None:
    found = briefing(*parties)
    questions = questions_of(found, Reasons(*reasons), against_first=first)
    assert 2 <= len(questions) <= MOST_QUESTIONS
    for question in questions:
        assert 2 <= len(set(question.options)) == len(question.options) <= 4
        assert 0 <= question.right < len(question.options)
    assert questions == questions_of(found, Reasons(*reasons), against_first=first)


def test_the_right_one_does_not_always_stand_in_the_same_place() -> None:
    places = {
        questions_of(briefing(*GAIN_AND_LOSS, cid=str(n)), BOTH, against_first=False)[0].right
        for n in range(50)
    }
    assert places == {0, 1, 2}
