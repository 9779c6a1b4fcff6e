import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stimme.engines.translog import (
    ANNUL_REASONS,
    CHOICES,
    TEXT_KINDS,
    AnnulLine,
    CauseLine,
    CloseLine,
    GrammarError,
    Line,
    ReinstateLine,
    RekeyLine,
    RollLine,
    TallyLine,
    TextLine,
    TokenLine,
    VoteLine,
    b64,
    hour_of,
    live_seats_digest,
    parse_hour,
    parse_line,
    text_commitment,
    unb64,
)
from tests.unit.translog.small_log import EXAMPLE

CID, SEAT = "P0zf875xeNbzuPiW4kUPPQ", "EahA2NdnkTkAF7RNlwygZA"
HASH = "0x0lKayTa8rGAatN_Rscq3qiTxeUPXhkMSoxW9THV1U"
HOUR = "2027-03-01T13Z"

ids = st.binary(min_size=16, max_size=16).map(b64)
hashes = st.binary(min_size=32, max_size=32).map(b64)
numbers = st.integers(0, 10**18 - 1)
moments = st.datetimes(timezones=st.just(UTC))
hours = moments.map(hour_of)
issuers = st.from_regex(r"[a-z0-9.-]{1,64}", fullmatch=True)
levels = st.one_of(
    st.integers(0, 9).map(str), st.builds("{}:{}".format, st.sampled_from("23"), issuers)
)
blobs = st.binary(min_size=1, max_size=300).map(b64)
keyed = st.tuples(hashes, st.binary(min_size=64, max_size=64).map(b64))
votes = st.builds(
    lambda head, key: VoteLine(*head, *key),
    st.tuples(ids, ids, numbers, st.sampled_from(CHOICES), levels, hours),
    st.one_of(st.just((None, None)), keyed),
)
lines = st.one_of(
    votes,
    st.builds(CauseLine, ids, hashes, hours),
    st.builds(AnnulLine, ids, ids, st.sampled_from(ANNUL_REASONS), hours),
    st.builds(ReinstateLine, ids, ids, hours),
    st.builds(RollLine, levels, numbers, hours),
    st.builds(TextLine, st.sampled_from(TEXT_KINDS), ids, hashes, hours),
    st.builds(TallyLine, ids, numbers, numbers, numbers, numbers, hashes),
    st.builds(CloseLine, ids, hours),
    st.builds(TokenLine, ids, ids, issuers, blobs, blobs),
    st.builds(RekeyLine, ids, ids, numbers, st.one_of(st.none(), hashes), hours),
)


@given(lines)
def test_a_line_is_read_back_from_its_canonical_form(line: Line) -> None:
    assert parse_line(str(line)) == line


@given(lines, st.data())
def test_a_changed_character_is_refused_or_gives_another_line(
    line: Line, data: st.DataObject
) -> None:
    text = str(line)
    at = data.draw(st.integers(0, len(text) - 1))
    new = data.draw(st.characters(exclude_characters=text[at]))
    changed = text[:at] + new + text[at + 1 :]
    with contextlib.suppress(GrammarError):
        assert str(parse_line(changed)) == changed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s1",
        "s1 vote",
        "s1 shrug " + CID,
        f"s2 close {CID} {HOUR}",
        f"s1 close {CID} {HOUR}\n",
        f" s1 close {CID} {HOUR}",
        f"s1  close {CID} {HOUR}",
        f"s1 close {CID}  {HOUR}",
        f"s1 close {CID} {HOUR} ",
        f"s1 close {CID} 2027-02-29T13Z",
        f"s1 close {CID} 2027-03-01T24Z",
        f"s1 close {CID} 2027-03-01T13:00Z",
        f"s1 close {CID[:-1]} {HOUR}",
        f"s1 close {CID[:-1]}R {HOUR}",
        f"s1 cause {CID} {HASH[:-1]}V {HOUR}",
        f"s1 vote {CID} {SEAT} 00 for 0 {HOUR} - -",
        f"s1 vote {CID} {SEAT} +0 for 0 {HOUR} - -",
        f"s1 vote {CID} {SEAT} 0 maybe 0 {HOUR} - -",
        f"s1 vote {CID} {SEAT} 0 For 0 {HOUR} - -",
        f"s1 vote {CID} {SEAT} 0 for 10 {HOUR} - -",
        f"s1 vote {CID} {SEAT} 0 for 1:issuer {HOUR} - -",
        f"s1 vote {CID} {SEAT} 0 for 2: {HOUR} - -",
        f"s1 vote {CID} {SEAT} 0 for 2:{'x' * 65} {HOUR} - -",
        f"s1 vote {CID} {SEAT} 0 for ٢ {HOUR} - -",
        f"s1 vote {CID} {SEAT} 0 for 0 {HOUR} {HASH} -",
        f"s1 vote {CID} {SEAT} 0 for 0 {HOUR} - {'A' * 86}",
        f"s1 annul {CID} {SEAT} whim {HOUR}",
        f"s1 roll 0 -1 {HOUR}",
        f"s1 text rumour {CID} {HASH} {HOUR}",
        f"s1 tally {CID} 1 1 1 {HASH}",
        "s1 vote " + "x" * 100_000,
    ],
)
def test_what_is_not_canonical_is_refused(text: str) -> None:
    with pytest.raises(GrammarError):
        parse_line(text)


def test_a_line_outside_the_grammar_cannot_be_made() -> None:
    for wrong in (
        lambda: CloseLine(CID, "now"),
        lambda: VoteLine(CID, SEAT, -1, "for", "0", HOUR),
        lambda: VoteLine(CID, SEAT, 0, "for", "0", HOUR, "-", "-"),
        lambda: VoteLine(CID, SEAT, 0, "for", "0", HOUR, HASH),
        lambda: VoteLine(f"{CID} {SEAT} 0 for 0", SEAT, 0, "for", "0", HOUR),
    ):
        with pytest.raises(GrammarError):
            wrong()


def test_hours_are_in_utc() -> None:
    moment = datetime(2027, 3, 1, 0, 59, tzinfo=timezone(timedelta(hours=1)))
    assert hour_of(moment) == "2027-02-28T23Z"
    assert parse_hour("2027-02-28T23Z") == datetime(2027, 2, 28, 23, tzinfo=UTC)
    with pytest.raises(ValueError, match="time zone"):
        hour_of(datetime(2027, 3, 1))  # noqa: DTZ001 a naive moment is the point


@given(moments)
def test_an_hour_is_read_back(moment: datetime) -> None:
    assert parse_hour(hour_of(moment)) == moment.replace(minute=0, second=0, microsecond=0)


@given(st.binary(max_size=100))
def test_base64_has_one_spelling(data: bytes) -> None:
    assert unb64(b64(data)) == data
    for other in (b64(data) + "=", b64(data) + "\n", b64(data) + "A" * 4 + "?"):
        with pytest.raises(ValueError, match="canonical"):
            unb64(other)


def test_left_over_bits_must_be_zero() -> None:
    assert unb64("AA") == b"\x00"
    with pytest.raises(ValueError, match="canonical"):
        unb64("AB")


def test_the_digest_of_live_seats_does_not_depend_on_their_order() -> None:
    votes = [line.encode() for line in EXAMPLE[1:3]]
    assert live_seats_digest(votes) == live_seats_digest(votes[::-1])
    assert live_seats_digest(votes) != live_seats_digest(votes[:1])


def test_a_commitment_binds_salt_and_text() -> None:
    assert len({text_commitment(salt, text) for salt in (b"1", b"2") for text in "ab"}) == 4
