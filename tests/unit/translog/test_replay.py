from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stimme.engines.translog import (
    Replay,
    TallyLine,
    VoteLine,
    b64,
    live_seats_digest,
    parse_line,
)
from tests.unit.translog.small_log import (
    HOUR,
    ORIGIN,
    cause_line,
    cid_of,
    custodial,
    keyed,
    secret,
)

CID = cid_of("cause")
OPEN = cause_line(CID)
CLOSE = f"s1 close {CID} {HOUR}"


def seat(name: str) -> str:
    return b64(secret(name)[:16])


def replayed(*lines: str) -> Replay:
    replay = Replay(ORIGIN)
    for index, line in enumerate(lines):
        replay.feed(index, line.encode())
    replay.finish()
    return replay


def alarms(*lines: str) -> list[tuple[int | None, str]]:
    return [(alarm.index, alarm.rule) for alarm in replayed(*lines).alarms]


def vote(name: str, seq: int, choice: str, level: str = "0") -> str:
    return custodial(CID, name, seq, choice, level)


def rekey(name: str, key: str) -> str:
    vk = keyed(CID, name, 0, "for", key).split(" ")[8] if key else "-"
    return f"s1 rekey {CID} {seat(name)} 1 {vk} {HOUR}"


def annul(name: str) -> str:
    return f"s1 annul {CID} {seat(name)} bot {HOUR}"


def reinstate(name: str) -> str:
    return f"s1 reinstate {CID} {seat(name)} {HOUR}"


def test_the_last_choice_of_a_seat_counts() -> None:
    replay = replayed(
        OPEN,
        vote("a", 0, "for"),
        vote("b", 0, "for", "2:issuer"),
        vote("c", 0, "against"),
        vote("a", 1, "against"),
        vote("c", 1, "withdrawn"),
        vote("c", 2, "for"),
        vote("d", 0, "for"),
        vote("d", 1, "withdrawn"),
    )
    assert replay.alarms == []
    assert replay.tallies() == {
        (CID, "against", "0"): 1,
        (CID, "for", "0"): 1,
        (CID, "for", "2:issuer"): 1,
    }
    assert astuple(replay.summaries()[CID]) == (CID, 2, 1, 1, 0, 3, 0, True, False)


@pytest.mark.parametrize(
    "lines",
    [
        [vote("a", 1, "for")],
        [vote("a", 0, "withdrawn")],
        [vote("a", 0, "for"), vote("a", 0, "against")],
        [vote("a", 0, "for"), vote("a", 2, "against")],
    ],
)
def test_r1_a_gap_a_repetition_and_a_first_withdrawal_are_alarms(lines: list[str]) -> None:
    replay = replayed(OPEN, *lines)
    assert [(one.index, one.rule, one.cid) for one in replay.alarms] == [(len(lines), "R1", CID)]
    assert replay.summaries()[CID].votes_against == 0


def test_r2_a_seat_with_a_key_keeps_it() -> None:
    first = keyed(CID, "a", 0, "for", "key")
    assert alarms(OPEN, first, keyed(CID, "a", 1, "against", "key")) == []
    assert alarms(OPEN, first, keyed(CID, "a", 1, "against", "other")) == [(2, "R2")]
    assert alarms(OPEN, first, vote("a", 1, "against")) == [(2, "R2")]


def test_r2_a_line_that_breaks_it_does_not_count() -> None:
    replay = replayed(OPEN, keyed(CID, "a", 0, "for", "key"), vote("a", 1, "against"))
    assert replay.tallies() == {(CID, "for", "0"): 1}


def test_r2_a_signature_is_checked_from_the_first_line_on() -> None:
    good = keyed(CID, "a", 0, "for", "key")
    forged = good.replace(" for ", " against ")
    assert alarms(OPEN, forged) == [(1, "R2")]
    other_origin = Replay("other.example/log")
    other_origin.feed_many(0, [OPEN.encode(), good.encode()])
    assert [alarm.rule for alarm in other_origin.alarms] == ["R2"]


def test_r2_after_a_rekey_the_new_key_holds() -> None:
    begun = [OPEN, keyed(CID, "a", 0, "for", "key"), rekey("a", "new")]
    assert alarms(*begun, keyed(CID, "a", 1, "against", "new")) == []
    assert alarms(*begun, keyed(CID, "a", 1, "against", "key")) == [(3, "R2")]
    custodial_now = [OPEN, keyed(CID, "a", 0, "for", "key"), rekey("a", "")]
    assert alarms(*custodial_now, vote("a", 1, "against")) == []
    assert alarms(*custodial_now, keyed(CID, "a", 1, "against", "key")) == [(3, "R2")]


def test_r2_a_custodial_seat_may_use_a_key_later() -> None:
    assert alarms(OPEN, vote("a", 0, "for"), keyed(CID, "a", 1, "against", "key")) == []


def test_signatures_are_judged_alike_by_many_threads() -> None:
    lines = [OPEN, *(keyed(CID, f"seat {i}", 0, "for", f"key {i}") for i in range(150))]
    lines[70] = lines[70].replace(" for ", " against ")
    entries = [line.encode() for line in lines]
    replay = Replay(ORIGIN)
    with ThreadPoolExecutor(2) as pool:
        replay.feed_many(0, entries, pool)
    assert replay.alarms == replayed(*lines).alarms
    assert replay.tallies() == {(CID, "for", "0"): 149}


def test_r3_votes_outside_the_open_time_do_not_count_and_are_numbered() -> None:
    replay = replayed(
        vote("early", 0, "for"), OPEN, vote("a", 0, "for"), CLOSE, vote("late", 0, "for")
    )
    assert replay.alarms == []
    assert replay.tallies() == {(CID, "for", "0"): 1}
    assert replay.summaries()[CID].outside == 2


def test_r3_a_cause_that_never_opened_has_no_tally() -> None:
    replay = replayed(vote("a", 0, "for"))
    assert (replay.alarms, replay.tallies()) == ([], {})
    assert not replay.summaries()[CID].opened


def test_r3_an_annulled_seat_counts_again_once_reinstated() -> None:
    begun = [OPEN, vote("a", 0, "for"), annul("a"), vote("a", 1, "against")]
    replay = replayed(*begun)
    assert (replay.alarms, replay.tallies()) == ([], {})
    assert replay.summaries()[CID].annulled == 1
    assert replayed(*begun, reinstate("a")).tallies() == {(CID, "against", "0"): 1}


@pytest.mark.parametrize(
    "line",
    ["", "s1 vote", "hello", OPEN + " ", annul("x"), reinstate("x"), rekey("x", "key"), OPEN],
)
def test_r4_what_no_rule_allows_is_an_alarm(line: str) -> None:
    assert alarms(OPEN, line) == [(1, "R4")]


def test_r4_bytes_that_are_no_text_are_an_alarm() -> None:
    replay = Replay(ORIGIN)
    replay.feed(0, b"\xff\x00")
    assert replay.alarms[0].sentence == r"Entry 0 is outside the grammar: '\\xff\x00'."


def test_r4_half_a_key_and_an_impossible_hour_are_alarms() -> None:
    half = keyed(CID, "a", 0, "for", "key").rsplit(" ", 1)[0] + " -"
    assert alarms(OPEN, half) == [(1, "R4")]
    assert alarms(OPEN, vote("a", 0, "for").replace(HOUR, "2027-02-30T14Z")) == [(1, "R4")]


def test_r4_a_cause_closes_once_and_only_when_open() -> None:
    assert alarms(CLOSE) == [(0, "R4")]
    assert alarms(OPEN, CLOSE, CLOSE) == [(2, "R4")]


def test_r5_no_more_seats_of_a_level_than_its_last_roll() -> None:
    votes = [vote("a", 0, "for"), vote("b", 0, "against"), vote("c", 0, "for", "1")]
    rolls = [f"s1 roll 0 {n} {HOUR}" for n in (1, 2)] + [f"s1 roll 1 1 {HOUR}"]
    assert alarms(OPEN, *votes, *rolls) == []
    replay = replayed(OPEN, rolls[1], *votes, rolls[0])
    (alarm,) = replay.alarms
    assert (alarm.index, alarm.rule, alarm.cid) == (None, "R5", CID)
    assert alarm.sentence == (
        f"The cause {CID} counts 2 seats of level 0, but the last roll has only 1 accounts "
        "of that level."
    )
    assert replay.notes == ["No roll of level 1 is published, so its seats have no bound."]


def test_r5_only_seats_that_count_are_bounded() -> None:
    lines = [vote("a", 0, "for"), vote("b", 0, "for"), vote("b", 1, "withdrawn")]
    assert alarms(OPEN, *lines, f"s1 roll 0 1 {HOUR}") == []


def tally(covered: int, counts: tuple[int, int, int], live: list[str]) -> str:
    digest = live_seats_digest(line.encode() for line in live)
    return str(TallyLine(CID, covered, *counts, digest))


def test_a_tally_line_is_checked_at_the_size_that_it_covers() -> None:
    lines = [
        OPEN,
        vote("a", 0, "for"),
        vote("b", 0, "against"),
        annul("b"),
        vote("a", 1, "against"),
    ]
    expected = [
        (0, (0, 0, 0), []),
        (2, (1, 0, 0), [lines[1]]),
        (3, (1, 1, 0), [lines[1], lines[2]]),
        (4, (1, 0, 1), [lines[1]]),
        (5, (0, 1, 1), [lines[4]]),
    ]
    assert alarms(*lines, *(tally(*one) for one in expected)) == []
    for covered, counts, live in expected:
        wrong = tally(covered, (counts[0] + 1, *counts[1:]), live)
        assert alarms(*lines, wrong) == [(5, "tally")]
        assert alarms(*lines, tally(covered, counts, [*live, "another"])) == [(5, "tally")]
    assert alarms(*lines, tally(6, (0, 1, 1), [lines[4]])) == [(5, "tally")]


steps = st.lists(
    st.tuples(
        st.sampled_from(["vote", "annul", "reinstate", "close", "noise"]),
        st.integers(0, 4),
        st.integers(-1, 1),
        st.sampled_from(["for", "against", "withdrawn"]),
    ),
    max_size=40,
)


@given(steps)
def test_the_replay_agrees_with_a_simple_model(script: list[tuple[str, int, int, str]]) -> None:
    lines, model = [OPEN], Model()
    for kind, who, jump, choice in script:
        lines.append(model.step(kind, f"seat {who}", jump, choice))
    replay = replayed(*lines)
    assert replay.tallies() == model.tallies()
    assert len(replay.alarms) == model.faults
    assert replay.summaries()[CID].outside == model.outside


class Model:
    """The rules once more, for one cause and one level, as plainly as can be said."""

    def __init__(self) -> None:
        self.votes: dict[str, list[tuple[str, bool]]] = {}
        self.annulled: set[str] = set()
        self.open = True
        self.faults = self.outside = 0

    def step(self, kind: str, name: str, jump: int, choice: str) -> str:
        cast = self.votes.get(name, [])
        if kind == "vote":
            seq = max(0, len(cast) + jump)
            if seq == len(cast) and (cast or choice != "withdrawn"):
                self.votes.setdefault(name, []).append((choice, self.open))
                self.outside += not self.open
            else:
                self.faults += 1
            return vote(name, seq, choice)
        if kind in ("annul", "reinstate"):
            if not cast:
                self.faults += 1
            else:
                (self.annulled.add if kind == "annul" else self.annulled.discard)(name)
            return annul(name) if kind == "annul" else reinstate(name)
        self.faults += kind == "noise" or not self.open
        self.open = self.open and kind != "close"
        return CLOSE if kind == "close" else "noise"

    def tallies(self) -> dict[tuple[str, str, str], int]:
        last = [cast[-1] for name, cast in self.votes.items() if name not in self.annulled]
        counted = Counter(choice for choice, inside in last if inside and choice != "withdrawn")
        return {(CID, choice, "0"): count for choice, count in sorted(counted.items())}


def test_the_lines_of_these_tests_are_canonical() -> None:
    assert isinstance(parse_line(keyed(CID, "a", 0, "for", "key")), VoteLine)
