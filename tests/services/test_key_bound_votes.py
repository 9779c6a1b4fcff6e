"""Votes bound to the voter's key, at the inner step: the door has checked their signatures."""

import shutil

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as django_settings
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stimme.apps.accounts.models import User
from stimme.apps.ballot import publisher
from stimme.apps.ballot.casting import MOST_CHANGES_AN_HOUR, Cast, Vote
from stimme.apps.ballot.errors import (
    BallotError,
    BoxClosed,
    BoxSuspended,
    ChangedTooOften,
    KeyNeeded,
    NothingToWithdraw,
    Stale,
)
from stimme.apps.ballot.models import Promise, Seat, State
from stimme.apps.ballot.removals import annul
from stimme.apps.ballot.selectors import count_of
from stimme.apps.ballot.services import cast_batch, close_box, set_box_state
from stimme.apps.causes.models import Cause
from stimme.engines.translog import b64, unsigned_vote, vote_signing_text
from tests.auditing import audited
from tests.house import lines, version_of

HOUR, NEXT_HOUR = "2026-11-22T18Z", "2026-11-22T19Z"
KEY, OTHER_KEY = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))
ANNA, BEN = (b64(bytes([number]) * 16) for number in (1, 2))


@pytest.fixture
def cid(cause: Cause, charlie: User) -> str:
    """A box; with its author there are accounts for two seats."""
    return version_of(cause).cid


def signed(
    cid: str,
    choice: str,
    seq: int,
    *,
    p: str = ANNA,
    key: Ed25519PrivateKey = KEY,
    level: int = 0,
    hour: str = HOUR,
) -> Vote:
    vk = b64(key.public_key().public_bytes_raw())
    line = unsigned_vote(cid, p, seq, choice, str(level), hour, vk)
    sig = b64(key.sign(vote_signing_text(django_settings.STIMME.origin, line)))
    return Vote(cid, p, choice, level, hour, seq, vk, sig)


def custodial(cid: str, choice: str, p: str = ANNA) -> Vote:
    return Vote(cid, p, choice, 0, HOUR)


def cast(vote: Vote) -> Cast:
    [result] = cast_batch([vote])
    if isinstance(result, BallotError):
        raise result
    return result


def assert_refused(vote: Vote, error: type[BallotError]) -> None:
    """Nothing is stored of it."""
    before = lines(), list(Seat.objects.values()), Promise.objects.count()
    with pytest.raises(error):
        cast(vote)
    assert (lines(), list(Seat.objects.values()), Promise.objects.count()) == before


def numbers(cid: str) -> tuple[int, int]:
    count = count_of(cid)
    return count.keyed, count.custodial


def test_the_line_is_what_was_signed(cid: str) -> None:
    vote = signed(cid, "for", 0)
    line = f"s1 vote {cid} {ANNA} 0 for 0 {HOUR} {vote.vk} {vote.sig}"
    assert (cast(vote).line, lines(kind="vote")) == (line, [line])
    seat = Seat.objects.get()
    assert (str(seat.line), seat.bound_to) == (line, vote.vk)


@pytest.mark.parametrize("choice", ["against", "withdrawn"])
def test_a_seat_that_began_with_a_key_takes_only_votes_of_that_key(cid: str, choice: str) -> None:
    cast(signed(cid, "for", 0))
    assert_refused(custodial(cid, choice), KeyNeeded)
    assert_refused(signed(cid, choice, 1, key=OTHER_KEY), KeyNeeded)
    assert cast(signed(cid, choice, 1)).seq == 1
    audited()


def test_a_seat_that_began_in_custody_is_bound_by_no_later_key(cid: str) -> None:
    cast(custodial(cid, "for"))
    cast(signed(cid, "against", 1))
    cast(custodial(cid, "for"))
    cast(signed(cid, "withdrawn", 3, key=OTHER_KEY))
    assert Seat.objects.get().bound_to == ""
    audited()


@pytest.mark.parametrize("seq", [1, 2, 10**9])
def test_a_first_vote_signed_as_a_later_one_is_stale(cid: str, seq: int) -> None:
    assert_refused(signed(cid, "for", seq), Stale)


@pytest.mark.parametrize("seq", [0, 1, 3])
def test_a_vote_signed_under_a_number_that_is_not_due_is_stale(cid: str, seq: int) -> None:
    cast(signed(cid, "for", 0))
    cast(signed(cid, "against", 1))
    assert_refused(signed(cid, "for", seq), Stale)
    with pytest.raises(Stale) as stale:
        cast(signed(cid, "for", seq))
    assert (stale.value.seq, stale.value.hour) == (2, HOUR)


def test_an_old_vote_sent_again_changes_nothing(cid: str) -> None:
    """Whoever kept an earlier vote of somebody cannot bring it back."""
    first, second = signed(cid, "for", 0), signed(cid, "against", 1)
    cast(first)
    cast(second)
    assert_refused(first, Stale)
    again = cast(second)
    assert (again.line, again.changed) == (lines(kind="vote")[1], False)


def test_the_same_choice_again_is_the_same_vote_whoever_signs(cid: str) -> None:
    first = cast(signed(cid, "for", 0))
    before = lines()
    for vote in [
        signed(cid, "for", 0),
        signed(cid, "for", 1),
        signed(cid, "for", 7, key=OTHER_KEY),
        custodial(cid, "for"),
    ]:
        again = cast(vote)
        assert (again.line, again.batch, again.changed) == (first.line, first.batch, False)
    assert lines() == before


def test_in_one_batch_each_vote_is_judged_after_the_one_before(cid: str) -> None:
    votes = [
        signed(cid, "for", 0),
        signed(cid, "against", 0),
        signed(cid, "against", 1),
        custodial(cid, "for"),
        signed(cid, "against", 1),
        signed(cid, "withdrawn", 2),
        custodial(cid, "against", p=BEN),
    ]
    results = cast_batch(votes)
    assert [result.seq if isinstance(result, Cast) else type(result) for result in results] == [
        0,
        Stale,
        1,
        KeyNeeded,
        1,
        2,
        0,
    ]
    assert Promise.objects.count() == 1
    audited()


def test_a_box_that_takes_no_votes_takes_no_signed_ones(cid: str) -> None:
    assert_refused(signed(cid, "withdrawn", 0), NothingToWithdraw)
    cast(signed(cid, "for", 0))
    set_box_state(cid=cid, state=State.SUSPENDED)
    assert_refused(signed(cid, "against", 1), BoxSuspended)
    close_box(cid=cid)
    assert_refused(signed(cid, "withdrawn", 1), BoxClosed)


def test_a_key_changes_its_vote_so_often_an_hour_and_withdraws_always(cid: str) -> None:
    for seq in range(MOST_CHANGES_AN_HOUR):
        cast(signed(cid, ["for", "against"][seq % 2], seq))
    due = MOST_CHANGES_AN_HOUR
    assert_refused(signed(cid, "for", due), ChangedTooOften)
    cast(signed(cid, "withdrawn", due))
    assert_refused(signed(cid, "for", due + 1), ChangedTooOften)
    cast(signed(cid, "for", due + 1, hour=NEXT_HOUR))
    audited()


def test_a_key_cannot_begin_to_count_its_changes_anew_by_signing_the_hour_before(cid: str) -> None:
    cast(signed(cid, "for", 0, hour=NEXT_HOUR))
    assert_refused(signed(cid, "against", 1, hour=HOUR), Stale)
    with pytest.raises(Stale) as stale:
        cast(signed(cid, "against", 1, hour=HOUR))
    assert (stale.value.seq, stale.value.hour) == (1, NEXT_HOUR)
    cast(signed(cid, "against", 1, hour=NEXT_HOUR))
    assert Seat.objects.get().changes == 2


def test_a_vote_in_custody_after_one_of_a_key_is_of_no_earlier_hour(cid: str) -> None:
    cast(custodial(cid, "for"))
    cast(signed(cid, "against", 1, hour=NEXT_HOUR))
    assert f" {NEXT_HOUR} " in cast(custodial(cid, "for")).line
    assert Seat.objects.get().changes == 2


def test_votes_go_on_where_the_clock_of_the_server_was_a_day_ahead(cid: str) -> None:
    cast(signed(cid, "for", 0))
    yesterday = signed(cid, "against", 1, hour="2026-11-21T18Z")
    assert cast(yesterday).line.split(" ")[7] == "2026-11-21T18Z"
    audited()


def test_what_a_file_tells_has_happened_however_often(cid: str) -> None:
    votes = [
        Vote(cid, ANNA, ["for", "against"][number % 2], 9, HOUR)
        for number in range(MOST_CHANGES_AN_HOUR + 5)
    ]
    assert all(isinstance(result, Cast) for result in cast_batch(votes))


def test_key_bound_and_custodial_votes_are_counted_apart(cid: str) -> None:
    history = []
    for vote in [
        signed(cid, "for", 0),
        custodial(cid, "for", p=BEN),
        signed(cid, "against", 1),
        signed(cid, "against", 1, p=BEN),
        custodial(cid, "for", p=BEN),
        signed(cid, "withdrawn", 2),
    ]:
        cast(vote)
        history.append(numbers(cid))
    assert history == [(1, 0), (1, 1), (1, 1), (2, 0), (1, 1), (0, 1)]
    assert audited().causes[cid].custodial == 1


def test_an_annulled_vote_is_counted_among_neither(cid: str) -> None:
    cast(signed(cid, "for", 0))
    annul(cid=cid, pseudonyms=[ANNA], reason="bot")
    cast(signed(cid, "against", 1))
    assert numbers(cid) == (0, 0)
    assert (count_of(cid).raw_against, count_of(cid).annulled) == (1, 1)
    audited()


@pytest.mark.parametrize("changes", [{"sig": ""}, {"vk": ""}])
def test_no_seat_has_a_key_without_a_signature(cid: str, changes: dict[str, str]) -> None:
    cast(signed(cid, "for", 0))
    with pytest.raises(IntegrityError), transaction.atomic():
        Seat.objects.update(**changes)


ACTION = st.tuples(
    st.sampled_from([ANNA, BEN]),
    st.sampled_from(["for", "against", "withdrawn"]),
    st.sampled_from([None, KEY, OTHER_KEY]),
    st.integers(-1, 1),
)


def vote_of(cid: str, action: tuple[str, str, Ed25519PrivateKey | None, int]) -> Vote:
    p, choice, key, off = action
    if key is None:
        return custodial(cid, choice, p)
    held = Seat.objects.filter(cid=cid, p=p).first()
    return signed(cid, choice, max(0, (held.seq + 1 if held else 0) + off), p=p, key=key)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.lists(ACTION, min_size=1, max_size=3), min_size=1, max_size=8))
def test_whatever_is_taken_stands_in_a_log_without_alarms(
    cid: str, batches: list[list[tuple[str, str, Ed25519PrivateKey | None, int]]]
) -> None:
    """The audit checks every signature, key and number again, from the published log alone."""
    with transaction.atomic():
        for batch in batches:
            cast_batch([vote_of(cid, action) for action in batch])
        summary, count = audited().causes[cid], count_of(cid)
        assert (summary.votes_for, summary.votes_against, summary.withdrawn) == (
            count.votes_for,
            count.votes_against,
            count.withdrawn,
        )
        assert summary.custodial == count.custodial
        transaction.set_rollback(True)
    shutil.rmtree(publisher.directory())
