from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import erase_account
from stimme.apps.ballot.choices import Choice
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, close_cause, revise_cause
from stimme.apps.deliberation.services import post_statement
from stimme.apps.moderation.services import hide
from stimme.apps.organisations.models import Result
from stimme.apps.organisations.services import record_decision, record_response
from stimme.apps.rooms import codes, selectors, services
from stimme.apps.rooms.models import Member, Room, Stage
from tests.house import version_of, vote

FOR, AGAINST = Choice.FOR, Choice.AGAINST


@pytest.fixture
def room(cause: Cause, charlie: User) -> Room:
    return services.open_room(facilitator=charlie, cause=cause)


def join(room: Room) -> Member:
    member = selectors.member_of(code=room.code, token=services.join(room=room))
    assert member
    return member


def vote_twice(room: Room, *histories: str) -> None:
    """Let members vote: "for against" votes for, then against; "-" does not vote."""
    members = [join(room) for _ in histories]
    for place, stage in enumerate([Stage.FIRST_VOTE, Stage.SECOND_VOTE]):
        services.go_to(room=room, stage=stage)
        for member, history in zip(members, histories, strict=True):
            choice = history.split()[place]
            if choice != "-":
                services.vote(member=member, choice=Choice(choice))


class TestOpening:
    def test_anybody_with_an_account_opens_one_for_thirty_days(
        self, cause: Cause, charlie: User
    ) -> None:
        room = services.open_room(facilitator=charlie, cause=cause)
        assert room.version == version_of(cause)
        assert (room.stage, room.closed) == (Stage.FIRST_VOTE, False)
        assert room.expires_at - room.opened_at == timedelta(days=30)

    def test_a_closed_cause_is_welcome(self, cause: Cause, alice: User) -> None:
        close_cause(by=alice, cause=cause)
        cause.refresh_from_db()
        assert services.open_room(facilitator=alice, cause=cause)

    def test_a_hidden_one_is_not(self, cause: Cause, bob: User) -> None:
        hide(by=bob, target=cause, reason="Under review.")
        cause.refresh_from_db()
        with pytest.raises(PermissionDenied):
            services.open_room(facilitator=bob, cause=cause)

    def test_an_account_has_at_most_twenty(
        self, cause: Cause, charlie: User, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(services, "MOST_ROOMS", 2)
        first = services.open_room(facilitator=charlie, cause=cause)
        services.open_room(facilitator=charlie, cause=cause)
        with pytest.raises(services.TooManyRooms):
            services.open_room(facilitator=charlie, cause=cause)
        services.open_room(facilitator=alice, cause=cause)
        services.delete_room(room=first)
        assert services.open_room(facilitator=charlie, cause=cause)

    def test_rooms_that_have_expired_do_not_count(
        self, cause: Cause, charlie: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(services, "MOST_ROOMS", 1)
        services.open_room(facilitator=charlie, cause=cause)
        Room.objects.update(expires_at=timezone.now())
        assert services.open_room(facilitator=charlie, cause=cause)

    def test_two_rooms_never_have_one_code(
        self, cause: Cause, room: Room, charlie: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        drawn = iter([room.code, room.code, "BBBBCCCC"])
        monkeypatch.setattr(services, "new_code", lambda: next(drawn))
        assert services.open_room(facilitator=charlie, cause=cause).code == "BBBBCCCC"

    def test_it_keeps_its_words_when_the_demand_is_reworded(
        self, cause: Cause, room: Room, alice: User
    ) -> None:
        vote(alice, cause, "for")
        revise_cause(by=alice, cause=cause, demand=Demand("Bring back Product X by May", "en"))
        found = selectors.room_of_code(room.code)
        assert found
        assert found.version.ask == "Bring back Product X"


class TestMembers:
    def test_a_member_is_a_hash_of_a_random_token_and_nothing_else(self, room: Room) -> None:
        token = services.join(room=room)
        member = Member.objects.get()
        assert len(token) >= 43
        assert member.token_hash == services.hashed(token) != token
        columns = [field.name for field in Member._meta.get_fields()]
        assert columns == ["id", "room", "token_hash", "first", "second"]

    def test_three_hundred_join_at_most(self, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(services, "MOST_MEMBERS", 1)
        services.join(room=room)
        with pytest.raises(services.NobodyElseCanJoin):
            services.join(room=room)

    def test_nobody_joins_a_closed_room_until_it_is_opened_again(self, room: Room) -> None:
        services.set_closed(room=room, closed=True)
        with pytest.raises(services.NobodyElseCanJoin):
            services.join(room=room)
        services.set_closed(room=room, closed=False)
        assert services.join(room=room)

    def test_each_of_the_two_votes_can_be_changed_while_it_is_its_turn(self, room: Room) -> None:
        member = join(room)
        services.vote(member=member, choice=FOR)
        services.vote(member=member, choice=AGAINST)
        services.go_to(room=room, stage=Stage.SECOND_VOTE)
        services.vote(member=member, choice=AGAINST)
        services.vote(member=member, choice=FOR)
        member.refresh_from_db()
        assert (member.first, member.second) == ("against", "for")

    @pytest.mark.parametrize("stage", [Stage.BRIEFING, Stage.DISCUSSION, Stage.WHAT_HAPPENED])
    def test_nobody_votes_between_the_votes(self, room: Room, stage: Stage) -> None:
        member = join(room)
        services.go_to(room=room, stage=stage)
        with pytest.raises(services.NoVoteNow):
            services.vote(member=member, choice=FOR)

    def test_nobody_votes_in_a_closed_room(self, room: Room) -> None:
        member = join(room)
        services.set_closed(room=room, closed=True)
        with pytest.raises(services.NoVoteNow):
            services.vote(member=member, choice=FOR)

    def test_going_back_loses_no_vote(self, room: Room) -> None:
        vote_twice(room, "for against")
        services.go_to(room=room, stage=Stage.FIRST_VOTE)
        assert list(Member.objects.values_list("first", "second")) == [("for", "against")]

    def test_the_database_takes_no_other_vote(self, room: Room) -> None:
        with pytest.raises(IntegrityError):
            Member.objects.create(room=room, token_hash="x", first="maybe")


class TestBeforeAndAfter:
    def test_who_changed_towards_what(self, room: Room) -> None:
        vote_twice(
            room,
            *["for for"] * 4,
            *["for against"] * 3,
            *["against for"] * 2,
            "against against",
            "for -",
            "- against",
            "- -",
        )
        found = selectors.comparison_of(room)
        assert found.before == selectors.Votes(votes_for=8, votes_against=3, silent=2)
        assert found.after == selectors.Votes(votes_for=6, votes_against=5, silent=2)
        moves = [found.stayed_for, found.for_to_against, found.against_to_for, found.stayed_against]
        assert moves == [4, 3, 2, 1]
        assert (found.both, found.changed, found.are_few) == (10, 5, False)

    def test_an_empty_room_has_nothing_to_compare(self, room: Room) -> None:
        nothing = selectors.Votes(0, 0, 0)
        assert selectors.comparison_of(room) == selectors.Comparison(nothing, nothing, 0, 0, 0, 0)

    @pytest.mark.parametrize("voters,few", [(4, True), (5, False)])
    def test_below_five_only_totals_are_told(self, room: Room, voters: int, few: bool) -> None:
        vote_twice(room, *["for against"] * voters, "for -", "- for")
        assert selectors.comparison_of(room).are_few is few

    def test_one_query_however_many_there_are(
        self, room: Room, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(2):
            vote_twice(room, "for against", "against for")
            with django_assert_num_queries(1):
                selectors.comparison_of(room)
            with django_assert_num_queries(1):
                selectors.presence_of(room)

    def test_how_many_have_voted_is_known_before_what(self, room: Room) -> None:
        vote_twice(room, "for -", "against for", "- -")
        assert selectors.presence_of(room) == selectors.Presence(members=3, first=2, second=1)


class TestWhatItReads:
    def test_what_was_said_before_the_decision_comes_first_the_rest_at_the_end(
        self, cause: Cause, bob: User
    ) -> None:
        said = [date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)]
        before, same_day, after = (
            record_response(by=bob, cause=cause, text=f"{day}.", source_url="", published_on=day)
            for day in said
        )
        decision = record_decision(
            by=bob,
            cause=cause,
            result=Result.GRANTED,
            summary="It is back.",
            source_url="",
            decided_on=said[1],
        )
        story = selectors.story_of(cause)
        assert story.responses == [before]
        assert story.decisions == [decision]
        assert story.later_responses == [after, same_day]

    def test_without_a_decision_all_responses_come_first(self, cause: Cause, bob: User) -> None:
        day = date(2026, 3, 1)
        answer = record_response(by=bob, cause=cause, text="No.", source_url="", published_on=day)
        story = selectors.story_of(cause)
        assert (story.responses, story.later_responses) == ([answer], [])

    def test_hidden_parties_are_left_out(self, cause: Cause, bob: User) -> None:
        hidden, shown = cause.parties.all()
        hide(by=bob, target=hidden, reason="Names a person.")
        assert selectors.story_of(cause).parties == [shown]

    def test_the_strongest_reason_of_each_side_in_six_queries(
        self,
        cause: Cause,
        alice: User,
        charlie: User,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        good = post_statement(by=alice, cause=cause, side="for", text="Many of us bought it.")
        bad = post_statement(by=charlie, cause=cause, side="against", text="It was never safe.")
        with django_assert_num_queries(6):
            found = selectors.story_of(cause).reasons
        assert found.for_
        assert found.against
        assert (found.for_.statement, found.against.statement) == (good, bad)


class TestItsEnd:
    def test_an_expired_room_is_not_there(self, room: Room, charlie: User) -> None:
        token = services.join(room=room)
        Room.objects.update(expires_at=timezone.now())
        assert selectors.room_of_code(room.code) is None
        assert selectors.own_room(facilitator=charlie, code=room.code) is None
        assert list(selectors.own_rooms(facilitator=charlie)) == []
        assert selectors.member_of(code=room.code, token=token) is None

    def test_it_is_forgotten_with_all_its_members(self, room: Room) -> None:
        services.join(room=room)
        services.forget_expired()
        assert Room.objects.count() == 1
        Room.objects.update(expires_at=timezone.now())
        services.forget_expired()
        assert (Room.objects.count(), Member.objects.count()) == (0, 0)

    def test_forgetting_goes_in_steps(self, cause: Cause, charlie: User) -> None:
        for _ in range(3):
            services.open_room(facilitator=charlie, cause=cause)
        Room.objects.update(expires_at=timezone.now())
        services.forget_expired(at_most=2)
        assert Room.objects.count() == 1

    def test_it_goes_with_the_account_that_opened_it(self, room: Room, charlie: User) -> None:
        services.join(room=room)
        erase_account(user=charlie)
        assert (Room.objects.count(), Member.objects.count()) == (0, 0)


def dump(prefix: str) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables whose names begin so."""
    tables = [name for name in connection.introspection.table_names() if name.startswith(prefix)]
    with connection.cursor() as cursor:
        found = {}
        for name in tables:
            cursor.execute(f"SELECT * FROM {name} ORDER BY 1")
            found[name] = cursor.fetchall()
    return found


def test_votes_of_a_room_never_reach_the_ballot(cause: Cause, charlie: User, alice: User) -> None:
    vote(alice, cause, "for")
    before = dump("ballot_")
    room = services.open_room(facilitator=charlie, cause=cause)
    vote_twice(room, *["for against"] * 5, "against for")
    services.set_closed(room=room, closed=True)
    services.delete_room(room=room)
    assert dump("ballot_") == before
    assert before["ballot_seat"]


class TestCodes:
    def test_are_eight_letters_and_digits_that_look_like_nothing_else(self) -> None:
        drawn = {codes.new_code() for _ in range(200)}
        assert len(drawn) == 200
        assert {len(code) for code in drawn} == {8}
        assert set("".join(drawn)) == set(codes.ALPHABET)
        assert not set("AEIOU01256L8") & (set(codes.ALPHABET) - {"L"})

    @pytest.mark.parametrize("typed", ["KMT4-PQ7X", "kmt4pq7x", " kmt4 pq7x ", "KMT4–pq7x"])
    def test_are_read_however_they_are_typed(self, typed: str) -> None:
        assert codes.read_code(typed) == "KMT4PQ7X"

    def test_what_looks_like_a_letter_is_taken_for_it(self) -> None:
        assert codes.read_code("2568-2568") == "ZSGBZSGB"
