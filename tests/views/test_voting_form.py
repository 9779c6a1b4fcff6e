"""The form of a vote: two equal tiles in the voter's own order, one line, one press."""

import re
from itertools import count

import pytest
from django.test import Client

from stimme.apps.accounts.models import User
from stimme.apps.accounts.services import account_secret
from stimme.apps.ballot.models import HowVoted, Seat
from stimme.apps.ballot.pseudonyms import pseudonym_of
from stimme.apps.ballot.readings import Reading
from stimme.apps.ballot.signing import against_first
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, revise_cause
from stimme.apps.causes.visits import COUNT_COOKIE
from stimme.apps.organisations.models import Organisation
from tests.house import start_cause, version_of, vote
from tests.visitors import Answer, text_of, visitor

PAPER = re.compile(r'name="paper" value="([^"]+)"')
TILE = re.compile(r'<input type="radio" name="choice" value="(\w+)"([^>]*)>')


def tiles(html: str) -> list[str]:
    return [choice for choice, _rest in TILE.findall(html)]


def chosen(html: str) -> list[str]:
    return [choice for choice, rest in TILE.findall(html) if "checked" in rest]


def briefing_of(cause: Cause) -> str:
    return f"{cause.get_absolute_url()}briefing/"


def cast_from(client: Client, address: str, choice: str = "for", **fields: str) -> Answer:
    found = PAPER.search(text_of(client.get(address)))
    assert found
    return client.post("/ballot", {"paper": found[1], "choice": choice, **fields})


def reading() -> Reading:
    return Reading.unpacked(HowVoted.objects.get().reading)


@pytest.fixture
def crowd(db: None) -> list[User]:
    return [User.objects.create_user(f"voter{number}@example.org") for number in range(12)]


class TestTheOrder:
    def test_is_by_a_bit_of_the_pseudonym_and_stays(self, cause: Cause, crowd: list[User]) -> None:
        cid, seen = version_of(cause).cid, set()
        for user in crowd:
            swapped = against_first(pseudonym_of(secret=account_secret(user=user), cid=cid))
            order = ["against", "for"] if swapped else ["for", "against"]
            for address in [cause.get_absolute_url(), briefing_of(cause)] * 2:
                assert tiles(text_of(visitor(user).get(address))) == order
            vote(user, cause, "for")
            assert tiles(text_of(visitor(user).get(cause.get_absolute_url()))) == order
            assert tiles(text_of(visitor(user).get(f"/receipt/{cid}/"))) == order
            seen.add(swapped)
        assert seen == {True, False}

    def test_differs_between_the_causes_of_a_person(
        self, alice: User, charlie: User, shop: Organisation
    ) -> None:
        User.objects.filter(pk=alice.pk).update(is_staff=True)
        orders = set()
        for number in range(5):
            cause = start_cause(alice, shop, f"Bring back product number {number}")
            orders.add(tuple(tiles(text_of(visitor(charlie).get(cause.get_absolute_url())))))
            if len(orders) == 2:
                return
        pytest.fail(f"always {orders}")


class TestTheLine:
    def test_names_what_either_choice_asks(self, cause: Cause, charlie: User) -> None:
        html = text_of(visitor(charlie).get(cause.get_absolute_url()))
        ask = '<q lang="en">Bring back Product X</q> <br> 2 parties are affected.'
        assert f'id="vote-act-for"> You ask Corner Shop: {ask}' in html
        assert f'id="vote-act-against"> You ask Corner Shop not to do this: {ask}' in html
        assert html.count('aria-describedby="vote-act-') == 2

    def test_nothing_is_chosen_beforehand(self, cause: Cause, charlie: User) -> None:
        html = text_of(visitor(charlie).get(cause.get_absolute_url()))
        assert chosen(html) == []
        assert html.count("Cast my vote") == 1

    def test_the_own_vote_is_chosen_when_one_comes_back(self, cause: Cause, charlie: User) -> None:
        vote(charlie, cause, "against")
        html = text_of(visitor(charlie).get(cause.get_absolute_url()))
        assert chosen(html) == ["against"]
        assert html.count("Change my vote") == 1

    def test_withdrawing_is_one_press_whatever_is_chosen(self, cause: Cause, charlie: User) -> None:
        """The browser sends the tile first and the pressed button last."""
        vote(charlie, cause, "for")
        client = visitor(charlie)
        found = PAPER.search(text_of(client.get(cause.get_absolute_url())))
        assert found
        client.post("/ballot", {"paper": found[1], "choice": ["for", "withdrawn"]})
        assert Seat.objects.get().choice == "withdrawn"


class TestWhetherItWasBriefed:
    def test_is_known_by_the_paper_of_the_briefing_alone(
        self, cause: Cause, alice: User, charlie: User
    ) -> None:
        cast_from(visitor(alice), cause.get_absolute_url())
        assert Seat.objects.get().briefed == 0
        cast_from(visitor(charlie), briefing_of(cause), "against")
        assert Seat.objects.get(choice="against").briefed == 1

    def test_who_was_is_not_sent_there_again(self, cause: Cause, charlie: User) -> None:
        client = visitor(charlie)
        assert "Read both sides first" in text_of(client.get(cause.get_absolute_url()))
        cast_from(client, briefing_of(cause))
        assert "Read both sides first" not in text_of(client.get(cause.get_absolute_url()))

    def test_answers_of_the_self_check_are_counted(self, cause: Cause, charlie: User) -> None:
        client = visitor(charlie)
        html = text_of(client.get(briefing_of(cause)))
        right = re.search(r'name="q1" value="(\d)"> Corner Shop', html)
        assert right
        wrong = str((int(right[1]) + 1) % 3)
        cast_from(client, briefing_of(cause), q1=right[1], q2=wrong)
        assert (reading().checked, reading().right >= 1) == (2, True)

    def test_after_the_vote_the_page_tells_what_is_right(self, cause: Cause, charlie: User) -> None:
        client = visitor(charlie)
        assert 'id="answers"' not in text_of(client.get(briefing_of(cause)))
        cast_from(client, briefing_of(cause))
        html = text_of(client.get(briefing_of(cause)))
        assert "Who decides this?</dt> <dd>Corner Shop</dd>" in html
        assert 'name="q1"' not in html
        receipt = text_of(client.get(f"/receipt/{version_of(cause).cid}/"))
        assert f'href="{briefing_of(cause)}#answers"' in receipt

    def test_the_receipt_of_who_was_not_leads_to_no_answers(
        self, cause: Cause, charlie: User
    ) -> None:
        vote(charlie, cause, "for")
        receipt = text_of(visitor(charlie).get(f"/receipt/{version_of(cause).cid}/"))
        assert "#answers" not in receipt


class TestWhetherTheCountWasSeen:
    def test_is_noted_when_it_is_shown_before_the_vote(self, cause: Cause, charlie: User) -> None:
        client, address = visitor(charlie), cause.get_absolute_url()
        cookie = client.get(address, {"count": "1"}).cookies[COUNT_COOKIE]
        assert (cookie.value, cookie["path"], cookie["max-age"], cookie["samesite"]) == (
            version_of(cause).cid,
            address,
            24 * 3600,
            "Lax",
        )
        cast_from(client, briefing_of(cause))
        assert reading() == Reading(briefed=True, count_seen=True)

    def test_is_not_noted_where_it_is_not_shown(self, cause: Cause, charlie: User) -> None:
        client = visitor(charlie)
        assert COUNT_COOKIE not in client.get(cause.get_absolute_url()).cookies
        cast_from(client, cause.get_absolute_url())
        assert reading() == Reading()

    def test_is_not_noted_for_those_who_have_voted(self, cause: Cause, charlie: User) -> None:
        vote(charlie, cause, "for")
        client, address = visitor(charlie), cause.get_absolute_url()
        for query in [{}, {"count": "1"}]:
            assert COUNT_COOKIE not in client.get(address, query).cookies

    def test_of_an_earlier_version_is_not_that_of_the_new_one(
        self, cause: Cause, alice: User, charlie: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Nothing that was read a moment ago is shown again.
        monkeypatch.setattr("stimme.apps.causes.selectors.monotonic", count().__next__)
        vote(alice, cause, "for")
        client, address = visitor(charlie), cause.get_absolute_url()
        client.get(address, {"count": "1"})
        revise_cause(by=alice, cause=cause, demand=Demand("Bring back Product Y", "en"))
        HowVoted.objects.all().delete()
        cast_from(client, address)
        assert reading() == Reading()

    def test_a_strangers_page_sets_no_cookie_and_tells_its_script(self, cause: Cause) -> None:
        answer = visitor().get(cause.get_absolute_url(), {"count": "1"})
        assert COUNT_COOKIE not in answer.cookies
        assert f'data-count-seen="{version_of(cause).cid}"' in text_of(answer)

    def test_a_stranger_who_saw_it_sees_it_again_when_signed_in(self, cause: Cause) -> None:
        html = text_of(visitor().get(cause.get_absolute_url(), {"count": "1"}))
        assert html.count(f"?next={cause.get_absolute_url()}%3Fcount%3D1%23vote") == 2
