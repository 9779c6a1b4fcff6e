import re
from datetime import date

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause
from stimme.apps.moderation.services import hide
from stimme.apps.organisations.models import Organisation, Result
from stimme.apps.organisations.services import record_decision, record_response
from stimme.apps.rooms import services
from stimme.apps.rooms.models import Member, Room, Stage
from tests.house import start_cause
from tests.visitors import Answer, text_of, visitor

DAY = date(2026, 3, 1)


@pytest.fixture
def room(cause: Cause, charlie: User) -> Room:
    return services.open_room(facilitator=charlie, cause=cause)


def member(room: Room) -> Client:
    """A browser that has joined."""
    client = visitor()
    client.post(f"{room.get_absolute_url()}join/")
    return client


def press(client: Client, room: Room, choice: str) -> None:
    answer = client.post(f"{room.get_absolute_url()}vote/", {"choice": choice})
    assert answer.headers["Location"] == room.get_absolute_url()


def shown(client: Client, room: Room, page: str = "") -> str:
    answer = client.get(room.get_absolute_url() + page)
    assert answer.status_code == 200
    return text_of(answer)


def step(user: User, room: Room, step: str, back: str = "run") -> Answer:
    return visitor(user).post(f"{room.get_absolute_url()}run/", {"step": step, "back": back})


def decide(by: User, cause: Cause) -> None:
    record_response(by=by, cause=cause, text="We are at it.", source_url="", published_on=DAY)
    record_decision(
        by=by,
        cause=cause,
        result=Result.GRANTED,
        summary="It came back in spring.",
        source_url="",
        decided_on=date(2026, 4, 1),
    )


class TestJoining:
    @pytest.mark.parametrize("as_typed", [str, str.lower, lambda code: code.replace("-", " ")])
    def test_a_typed_code_leads_to_the_room(self, room: Room, as_typed: object) -> None:
        assert callable(as_typed)
        answer = visitor().get("/rooms/", {"code": as_typed(room.spaced_code)})
        assert answer.headers["Location"] == room.get_absolute_url()

    @pytest.mark.usefixtures("room")
    def test_a_wrong_code_can_be_typed_again(self) -> None:
        for answer in [
            visitor().get("/rooms/", {"code": "BBBB-CCCC"}),
            visitor().get("/rooms/BBBB-CCCC/"),
        ]:
            assert answer.status_code == 404
            assert "There is no room with this code" in text_of(answer)
            assert 'value="BBBBCCCC"' in text_of(answer)

    @pytest.mark.usefixtures("db")
    def test_nothing_typed_is_asked_for(self) -> None:
        assert "This field is required" in text_of(visitor().get("/rooms/?code="))

    def test_opening_the_address_makes_nobody_a_member(self, room: Room) -> None:
        assert "You will vote twice" in shown(visitor(), room)
        assert Member.objects.count() == 0

    def test_joining_twice_in_one_browser_is_joining_once(self, room: Room) -> None:
        client = member(room)
        client.post(f"{room.get_absolute_url()}join/")
        assert Member.objects.count() == 1

    def test_the_cookie_is_for_this_room_alone_and_for_no_script(self, room: Room) -> None:
        client = member(room)
        cookie = client.cookies["stimme_room"]
        assert cookie["path"] == room.get_absolute_url()
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
        assert cookie["max-age"] == "" or int(cookie["max-age"]) <= 30 * 24 * 3600
        assert "stimme_session" not in client.cookies

    def test_a_full_room_and_a_closed_one_say_so(
        self, room: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(services, "MOST_MEMBERS", 0)
        full = visitor().post(f"{room.get_absolute_url()}join/")
        assert full.status_code == 409
        assert "This room is full" in text_of(full)
        services.set_closed(room=room, closed=True)
        assert "This room is closed" in shown(visitor(), room)


class TestMember:
    def test_votes_before_reading_anything(self, room: Room) -> None:
        client = member(room)
        before = shown(client, room)
        assert "Are you for or against it?" in before
        assert "They can buy the product again" not in before
        press(client, room, "for")
        assert "You voted for it" in shown(client, room)
        press(client, room, "against")
        assert "You voted against it" in shown(client, room)

    @pytest.mark.parametrize("choice", ["withdrawn", "maybe", ""])
    def test_there_is_nothing_but_for_and_against(self, room: Room, choice: str) -> None:
        client = member(room)
        press(client, room, choice)
        assert Member.objects.get().first == ""

    def test_then_reads_what_there_is_to_know(self, room: Room, cause: Cause, bob: User) -> None:
        decide(bob, cause)
        client = member(room)
        services.go_to(room=room, stage=Stage.BRIEFING)
        html = shown(client, room)
        for words in [
            "It is on the shelf again.",
            "Corner Shop (company)",
            "They can buy the product again.",
            "Nobody has written one yet.",
            "We are at it.",
        ]:
            assert words in html

    @pytest.mark.parametrize("stage", [one for one in Stage if one != Stage.WHAT_HAPPENED])
    def test_does_not_read_how_it_ended_before_the_end(
        self, room: Room, cause: Cause, bob: User, charlie: User, stage: Stage
    ) -> None:
        decide(bob, cause)
        services.go_to(room=room, stage=stage)
        pages = shown(member(room), room) + shown(visitor(charlie), room, "screen/")
        assert "came back in spring" not in pages
        assert cause.get_absolute_url() not in pages

    def test_talks_about_three_questions(self, room: Room) -> None:
        client = member(room)
        services.go_to(room=room, stage=Stage.DISCUSSION)
        html = shown(client, room)
        assert html[html.index("Talk about") :].split("</ol>")[0].count("<li>") == 3
        assert "Read the briefing again" in html

    def test_votes_again_and_is_reminded_of_the_first_vote(self, room: Room) -> None:
        client = member(room)
        press(client, room, "for")
        services.go_to(room=room, stage=Stage.SECOND_VOTE)
        html = shown(client, room)
        assert "And now: are you for or against it?" in html
        assert "you were for it" in html
        assert 'aria-pressed="true"' not in html
        press(client, room, "against")
        assert "You voted against it" in shown(client, room)
        assert list(Member.objects.values_list("first", "second")) == [("for", "against")]

    def test_sees_before_and_after_and_what_really_happened(
        self, room: Room, cause: Cause, bob: User
    ) -> None:
        decide(bob, cause)
        clients = [member(room) for _ in range(5)]
        for client in clients:
            press(client, room, "for")
        services.go_to(room=room, stage=Stage.SECOND_VOTE)
        for client in clients[:2]:
            press(client, room, "against")
        for client in clients[2:]:
            press(client, room, "for")
        services.go_to(room=room, stage=Stage.WHAT_HAPPENED)
        html = shown(clients[0], room)
        assert "2 of 5 who voted both times changed their mind" in html
        assert re.findall(r'<td class="number">(\d)</td>', html) == ["3", "2", "0", "0"]
        assert "It came back in spring." in html
        assert cause.get_absolute_url() in html

    def test_in_a_small_room_sees_totals_only(self, room: Room) -> None:
        client = member(room)
        press(client, room, "for")
        services.go_to(room=room, stage=Stage.WHAT_HAPPENED)
        html = shown(client, room)
        assert "Fewer than five voted both times" in html
        assert "<table>" not in html
        assert "Corner Shop has not decided yet" in html

    def test_late_votes_are_not_counted_and_no_error(self, room: Room) -> None:
        client = member(room)
        services.go_to(room=room, stage=Stage.BRIEFING)
        press(client, room, "for")
        assert Member.objects.get().first == ""

    def test_finds_a_room_that_is_over_gone(self, room: Room) -> None:
        client = member(room)
        Room.objects.update(expires_at=timezone.now())
        assert client.get(room.get_absolute_url()).status_code == 404

    def test_reads_nothing_of_a_cause_that_was_hidden(
        self, room: Room, cause: Cause, bob: User, charlie: User
    ) -> None:
        client = member(room)
        hide(by=bob, target=cause, reason="Under review.")
        answers = [
            client.get(room.get_absolute_url()),
            visitor(charlie).get(f"{room.get_absolute_url()}screen/"),
            visitor(charlie).get(f"{room.get_absolute_url()}run/"),
            visitor(charlie).get("/rooms/"),
        ]
        assert [answer.status_code for answer in answers] == [403, 403, 200, 200]
        for answer in answers:
            assert "Product X" not in text_of(answer)

    def test_no_cache_keeps_it(self, room: Room) -> None:
        assert "no-store" in member(room).get(room.get_absolute_url())["Cache-Control"]


class TestPageThatAsks:
    """Pages ask every few seconds whether they still fit."""

    def test_is_left_alone_until_the_room_goes_on(self, room: Room) -> None:
        client = member(room)
        address = re.findall(r'hx-get="([^"]+)"', shown(client, room))[0]
        answer = client.get(address)
        assert (answer.status_code, answer.content) == (204, b"")
        assert "HX-Refresh" not in answer
        services.go_to(room=room, stage=Stage.BRIEFING)
        assert client.get(address)["HX-Refresh"] == "true"

    @pytest.mark.parametrize("end", ["closed", "deleted", "expired"])
    def test_is_read_again_when_the_room_ends(self, room: Room, end: str) -> None:
        client = member(room)
        if end == "closed":
            services.set_closed(room=room, closed=True)
        elif end == "deleted":
            services.delete_room(room=room)
        else:
            Room.objects.update(expires_at=timezone.now())
        answer = client.get(f"{room.get_absolute_url()}stage/?at=1")
        assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")

    def test_costs_one_query(
        self, room: Room, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        client = member(room)
        with django_assert_num_queries(1):
            client.get(f"{room.get_absolute_url()}stage/?at=1")

    def test_of_the_facilitator_counts(self, room: Room, charlie: User) -> None:
        clients = [member(room) for _ in range(3)]
        press(clients[0], room, "for")
        address = f"{room.get_absolute_url()}presence/?at=1"
        html = text_of(visitor(charlie).get(address))
        assert "3 have joined" in html
        assert "1 has voted" in html
        services.go_to(room=room, stage=Stage.BRIEFING)
        assert visitor(charlie).get(address)["HX-Refresh"] == "true"


class TestFacilitator:
    def test_opens_a_room_on_the_cause_that_led_there(self, cause: Cause, charlie: User) -> None:
        client = visitor(charlie)
        html = text_of(client.get("/rooms/open/", {"cause": cause.slug}))
        assert "Open a room on this cause?" in html
        answer = client.post("/rooms/open/", {"cause": cause.slug})
        room = Room.objects.get()
        assert answer.headers["Location"] == f"{room.get_absolute_url()}run/"

    def test_is_offered_what_was_decided_and_finds_the_rest(
        self, cause: Cause, alice: User, bob: User, shop: Organisation
    ) -> None:
        other = start_cause(alice, shop, "Bring back Product Y")
        decide(bob, cause)
        client = visitor(alice)

        def offered(query: str) -> list[str]:
            return [one.slug for one in client.get(f"/rooms/open/{query}").context["causes"]]

        assert offered("") == [cause.slug]
        assert offered("?q=product+y") == [other.slug]
        assert offered("?q=nothing") == []

    @pytest.mark.parametrize("slug", ["nothing", ""])
    def test_opens_none_on_what_is_not_there(self, charlie: User, slug: str) -> None:
        assert visitor(charlie).post("/rooms/open/", {"cause": slug}).status_code == 200
        assert Room.objects.count() == 0

    def test_opens_none_on_a_hidden_cause(self, cause: Cause, charlie: User, bob: User) -> None:
        hide(by=bob, target=cause, reason="Under review.")
        visitor(charlie).post("/rooms/open/", {"cause": cause.slug})
        assert Room.objects.count() == 0

    def test_is_told_when_there_are_too_many(
        self, cause: Cause, charlie: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(services, "MOST_ROOMS", 0)
        answer = visitor(charlie).post("/rooms/open/", {"cause": cause.slug}, follow=True)
        assert "You have as many rooms as one can have" in text_of(answer)

    def test_goes_on_and_back_one_step_a_press(self, room: Room, charlie: User) -> None:
        found = []
        for press in ["2", "2", "3", "4", "5", "4"]:
            step(charlie, room, press)
            room.refresh_from_db()
            found.append(room.stage)
        assert found == [2, 2, 3, 4, 5, 4]
        html = shown(visitor(charlie), room, "run/")
        assert "Go on: What happened" in html
        assert "Back: Discussion" in html

    def test_stays_on_the_projector_when_pressing_there(self, room: Room, charlie: User) -> None:
        assert step(charlie, room, "2", "screen").headers["Location"].endswith("/screen/")
        assert step(charlie, room, "2").headers["Location"].endswith("/run/")

    @pytest.mark.parametrize("wrong", ["0", "6", "on", ""])
    def test_there_is_no_other_step(self, room: Room, charlie: User, wrong: str) -> None:
        assert step(charlie, room, wrong).status_code == 302
        room.refresh_from_db()
        assert (room.stage, room.closed) == (1, False)

    def test_closes_and_opens_again(self, room: Room, charlie: User) -> None:
        for press, closed in [("close", True), ("reopen", False)]:
            step(charlie, room, press)
            room.refresh_from_db()
            assert room.closed is closed

    def test_deletes_after_being_asked(self, room: Room, charlie: User) -> None:
        client = visitor(charlie)
        assert "This cannot be undone" in shown(client, room, "delete/")
        answer = client.post(f"{room.get_absolute_url()}delete/", follow=True)
        assert "The room is deleted" in text_of(answer)
        assert Room.objects.count() == 0

    def test_sees_how_many_have_voted_and_not_what(self, room: Room, charlie: User) -> None:
        press(member(room), room, "for")
        for page in ["run/", "screen/"]:
            html = shown(visitor(charlie), room, page)
            assert "1 has voted" in html
            assert "tally-numbers" not in html

    def test_finds_code_and_address_for_all_to_read(self, room: Room, charlie: User) -> None:
        for page in ["run/", "screen/"]:
            html = shown(visitor(charlie), room, page)
            assert f'<p class="room-code">{room.spaced_code}</p>' in html
            assert '<p class="room-address">localhost:8000/rooms/</p>' in html
            assert f'aria-label="QR code that leads to the room {room.spaced_code}"' in html

    def test_own_rooms_are_listed_with_as_many_queries_for_three_as_for_one(
        self, cause: Cause, charlie: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in [1, 3]:
            while Room.objects.count() < number:
                services.open_room(facilitator=charlie, cause=cause)
            client = visitor(charlie)
            with django_assert_num_queries(3):
                html = text_of(client.get("/rooms/"))
            assert html.count("0 have joined") == number
