"""What a room keeps apart: strangers, other rooms, other facilitators, and the public count."""

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from stimme.apps.accounts.limits import Rate
from stimme.apps.accounts.models import User
from stimme.apps.ballot.models import Seat
from stimme.apps.causes.models import Cause
from stimme.apps.rooms import finding, services
from stimme.apps.rooms.codes import ALPHABET
from stimme.apps.rooms.models import Member, Room, Stage
from tests.visitors import text_of, visitor

COOKIE = "stimme_room"
HOUR = 3600


@pytest.fixture
def room(cause: Cause, charlie: User) -> Room:
    return services.open_room(facilitator=charlie, cause=cause)


@pytest.fixture
def other(cause: Cause, alice: User) -> Room:
    return services.open_room(facilitator=alice, cause=cause)


def wrong_codes() -> Iterator[str]:
    for letter in ALPHABET:
        for digit in "3479":
            yield f"BBBB-BB{letter}{digit}"


def bring(client: Client, room: Room, token: str) -> Client:
    """Let the browser send a token to another room, as no browser would by itself."""
    client.cookies[COOKIE] = token
    client.cookies[COOKIE]["path"] = room.get_absolute_url()
    return client


class TestGuessing:
    @pytest.fixture(autouse=True)
    def _few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(finding, "WRONG_CODES", Rate(burst=3, every=HOUR))
        monkeypatch.setattr(finding, "WRONG_CODES_IN_ALL", Rate(burst=5, every=HOUR))

    @pytest.mark.parametrize("way", ["/rooms/?code={}", "/rooms/{}/"])
    def test_a_network_has_few_wrong_codes_and_then_not_even_a_right_one(
        self, room: Room, way: str
    ) -> None:
        found = [visitor().get(way.format(code)).status_code for code in list(wrong_codes())[:5]]
        assert found == [404, 404, 404, 429, 429]
        answer = visitor().get(way.format(room.spaced_code))
        assert answer.status_code == 429
        assert "Too many wrong codes" in text_of(answer)

    def test_pressing_join_is_no_way_round(self, room: Room) -> None:
        addresses = [f"/rooms/{code}/join/" for code in list(wrong_codes())[:4]]
        assert [visitor().post(one).status_code for one in addresses] == [404, 404, 404, 429]
        assert visitor().post(f"{room.get_absolute_url()}join/").status_code == 429
        assert Member.objects.count() == 0

    @pytest.mark.usefixtures("room")
    def test_many_networks_together_have_few(self) -> None:
        found = []
        for number, code in enumerate(list(wrong_codes())[:7]):
            client = Client(REMOTE_ADDR=f"192.0.2.{number}")
            found.append(client.get(f"/rooms/{code}/").status_code)
        assert found == [404] * 5 + [429] * 2

    def test_a_class_of_one_network_joins_at_once(self, room: Room) -> None:
        for _ in range(40):
            assert visitor().get(room.get_absolute_url()).status_code == 200
            assert visitor().post(f"{room.get_absolute_url()}join/").status_code == 302
        assert Member.objects.count() == 40

    def test_members_go_on_while_others_guess(self, room: Room) -> None:
        client = visitor()
        client.post(f"{room.get_absolute_url()}join/")
        for code in list(wrong_codes())[:5]:
            visitor().get(f"/rooms/{code}/")
        assert client.get(room.get_absolute_url()).status_code == 200

    @pytest.mark.parametrize(
        "page", ["stage/?at=1", "presence/?at=1", "run/", "screen/", "delete/"]
    )
    def test_no_other_page_tells_which_codes_there_are(
        self, room: Room, alice: User, page: str
    ) -> None:
        for user in [None, alice]:
            right = visitor(user).get(f"{room.get_absolute_url()}{page}")
            wrong = visitor(user).get(f"/rooms/BBBB-BBBB/{page}")
            assert right.status_code == wrong.status_code != 200
            assert right.headers.get("HX-Refresh") == wrong.headers.get("HX-Refresh")

    def test_voting_without_being_a_member_tells_nothing_either(self, room: Room) -> None:
        for code in [room.spaced_code, "BBBB-BBBB"]:
            answer = visitor().post(f"/rooms/{code}/vote/", {"choice": "for"})
            assert answer.headers["Location"] == f"/rooms/{code}/"
        assert Member.objects.count() == 0


class TestMembers:
    def test_a_member_of_one_room_is_nobody_in_another(self, room: Room, other: Room) -> None:
        client = bring(visitor(), other, services.join(room=room))
        assert "You will vote twice" in text_of(client.get(other.get_absolute_url()))
        client.post(f"{other.get_absolute_url()}vote/", {"choice": "for"})
        assert set(Member.objects.values_list("first", flat=True)) == {""}

    @pytest.mark.parametrize("token", ["", "x", "0" * 64, "' OR 1=1 --", "x" * 4000])
    def test_a_made_up_token_is_nobodys(self, room: Room, token: str) -> None:
        services.join(room=room)
        client = bring(visitor(), room, token)
        assert "You will vote twice" in text_of(client.get(room.get_absolute_url()))

    def test_what_the_database_has_of_a_token_is_no_token(self, room: Room) -> None:
        services.join(room=room)
        stolen = Member.objects.get().token_hash
        client = bring(visitor(), room, stolen)
        assert "You will vote twice" in text_of(client.get(room.get_absolute_url()))

    def test_a_member_has_one_vote_however_often_it_is_sent(self, room: Room) -> None:
        client = visitor()
        client.post(f"{room.get_absolute_url()}join/")
        for choice in ["for", "for", "against", "for"]:
            client.post(f"{room.get_absolute_url()}vote/", {"choice": choice})
        assert list(Member.objects.values_list("first", "second")) == [("for", "")]

    def test_the_second_round_does_not_reach_the_first(self, room: Room) -> None:
        client = visitor()
        client.post(f"{room.get_absolute_url()}join/")
        client.post(f"{room.get_absolute_url()}vote/", {"choice": "for"})
        services.go_to(room=room, stage=Stage.SECOND_VOTE)
        client.post(f"{room.get_absolute_url()}vote/", {"choice": "against", "stage": "1"})
        assert list(Member.objects.values_list("first", "second")) == [("for", "against")]

    @pytest.mark.parametrize("page", ["join/", "vote/"])
    def test_another_site_cannot_press_for_somebody(self, room: Room, page: str) -> None:
        client = visitor(csrf=True)
        answer = client.post(f"{room.get_absolute_url()}{page}", {"choice": "for"})
        assert answer.status_code == 403
        assert Member.objects.count() == 0


class TestFacilitators:
    @pytest.mark.parametrize("step", ["2", "close", "reopen"])
    def test_nobody_else_runs_the_room(self, room: Room, alice: User, bob: User, step: str) -> None:
        member = visitor()
        member.post(f"{room.get_absolute_url()}join/")
        for client in [visitor(alice), visitor(bob), member]:
            answer = client.post(f"{room.get_absolute_url()}run/", {"step": step, "back": "run"})
            assert answer.status_code in {302, 404}
        room.refresh_from_db()
        assert (room.stage, room.closed) == (1, False)

    def test_nobody_else_deletes_it(self, room: Room, alice: User, bob: User) -> None:
        for client in [visitor(alice), visitor(bob), visitor()]:
            client.post(f"{room.get_absolute_url()}delete/")
        assert Room.objects.count() == 1

    def test_back_leads_nowhere_else(self, room: Room, charlie: User) -> None:
        form = {"step": "2", "back": "https://example.org/"}
        answer = visitor(charlie).post(f"{room.get_absolute_url()}run/", form)
        assert answer.headers["Location"] == f"{room.get_absolute_url()}run/"


class TestPrivacy:
    def test_no_account_is_joined_to_a_vote_in_a_room(self, room: Room, charlie: User) -> None:
        """Also a signed-in member is a token: nothing of the row is of the account."""
        client = visitor(charlie)
        client.post(f"{room.get_absolute_url()}join/")
        client.post(f"{room.get_absolute_url()}vote/", {"choice": "against"})
        row = Member.objects.values("token_hash", "first", "second").get()
        assert row["first"] == "against"
        assert row["token_hash"] == services.hashed(client.cookies[COOKIE].value)
        assert Seat.objects.count() == 0

    def test_the_cookie_needs_https_where_the_site_has_it(
        self, room: Room, settings: Settings
    ) -> None:
        settings.SESSION_COOKIE_SECURE = True
        client = visitor()
        client.post(f"{room.get_absolute_url()}join/")
        assert client.cookies[COOKIE]["secure"]
