"""What pages hand to a browser that signs, and how a vote gets another key."""

import re

import pytest
from django.test import Client

from stimme.apps.accounts.models import User
from stimme.apps.ballot.sealer import seal
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import Demand, close_cause, revise_cause
from tests.house import lines, version_of, vote
from tests.services.test_rekeying import FIRST, SECOND, signed, vk_of
from tests.visitors import text_of, visitor

DATA = re.compile(r'data-([a-z-]+)="([^"]*)"')
RELEASE, OWN = "Release the vote from its key", "Use this browser’s key"


@pytest.fixture
def cid(cause: Cause) -> str:
    return version_of(cause).cid


def form_of(client: Client, address: str) -> dict[str, str]:
    """The data of the form that votes."""
    [form] = re.findall(r'<form[^>]*action="/ballot"[^>]*>', text_of(client.get(address)))
    return dict(DATA.findall(form))


def test_the_page_says_all_of_the_line_that_the_voter_does_not_choose(
    cause: Cause, cid: str, charlie: User
) -> None:
    client = visitor(charlie)
    told = form_of(client, cause.get_absolute_url())
    assert (told["seq"], told["bound-to"], told["level"]) == ("0", "", "0")
    assert told["ask-document"] == f"/causes/documents/{cid}.json"
    signed(charlie, cid, "for", 0, FIRST)
    [line] = lines(kind="vote")
    told = form_of(client, cause.get_absolute_url())
    assert line.startswith(f"s1 vote {told['cid']} {told['pseudonym']} 0 for {told['level']} ")
    assert (told["seq"], told["bound-to"]) == ("1", vk_of(FIRST))
    assert form_of(client, f"/receipt/{cid}/") == told | {"demand": "[data-ask]"}


def test_on_an_earlier_version_the_withdrawal_is_signed_as_well(
    cause: Cause, cid: str, alice: User, charlie: User
) -> None:
    signed(charlie, cid, "for", 0, FIRST)
    revise_cause(by=alice, cause=cause, demand=Demand("Bring back Product X soon", "en"))
    told = form_of(visitor(charlie), f"{cause.get_absolute_url()}versions/1/")
    assert (told["cid"], told["seq"], told["bound-to"]) == (cid, "1", vk_of(FIRST))


def test_strangers_get_nothing_to_sign(cause: Cause) -> None:
    html = text_of(visitor().get(cause.get_absolute_url()))
    assert "data-pseudonym" not in html
    assert "vote.js" not in html


def test_a_vote_without_a_key_has_none_to_change(cause: Cause, cid: str, charlie: User) -> None:
    vote(charlie, cause, "for")
    html = text_of(visitor(charlie).get(f"/receipt/{cid}/"))
    assert "Not signed by you" in html
    assert RELEASE not in html


def test_a_signed_vote_says_so_and_offers_another_key(cid: str, charlie: User) -> None:
    signed(charlie, cid, "for", 0, FIRST)
    html = text_of(visitor(charlie).get(f"/receipt/{cid}/"))
    assert "Signed in your browser" in html
    assert vk_of(FIRST) in html
    assert RELEASE in html


def test_a_vote_is_given_another_key_and_none(cid: str, charlie: User) -> None:
    signed(charlie, cid, "for", 0, FIRST)
    client = visitor(charlie)
    answer = client.post(f"/receipt/{cid}/rekey", {"vk": vk_of(SECOND)})
    assert answer.headers["Location"] == f"/receipt/{cid}/"
    assert "has the key of this browser now" in text_of(client.get(f"/receipt/{cid}/"))
    client.post(f"/receipt/{cid}/rekey")
    html = text_of(client.get(f"/receipt/{cid}/"))
    assert "Your vote is in our custody now." in html
    assert OWN in html
    assert RELEASE not in html
    assert [line.split()[4:6] for line in lines(kind="rekey")] == [["1", vk_of(SECOND)], ["2", "-"]]


def test_everybody_sees_how_often_that_happened(cid: str, charlie: User) -> None:
    signed(charlie, cid, "for", 0, FIRST)
    visitor(charlie).post(f"/receipt/{cid}/rekey")
    seal(everything=True)
    assert "was lost: 1." in text_of(visitor().get(f"/log/causes/{cid}/"))


@pytest.mark.parametrize("vk", ["-", "A" * 42, "A" * 42 + "B", "A" * 44, "A" * 43 + "\n1"])
def test_what_is_no_key_is_refused(cid: str, charlie: User, vk: str) -> None:
    signed(charlie, cid, "for", 0, FIRST)
    assert visitor(charlie).post(f"/receipt/{cid}/rekey", {"vk": vk}).status_code == 400
    assert lines(kind="rekey") == []


def test_nobody_gives_the_vote_of_another_a_key(cid: str, alice: User, charlie: User) -> None:
    signed(charlie, cid, "for", 0, FIRST)
    visitor(alice).post(f"/receipt/{cid}/rekey", {"vk": vk_of(SECOND)})
    visitor().post(f"/receipt/{cid}/rekey", {"vk": vk_of(SECOND)})
    tokenless = visitor(charlie, csrf=True).post(f"/receipt/{cid}/rekey", {"vk": vk_of(SECOND)})
    assert tokenless.status_code == 403
    assert lines(kind="rekey") == []


def test_a_closed_vote_keeps_its_key(cause: Cause, cid: str, alice: User, charlie: User) -> None:
    signed(charlie, cid, "for", 0, FIRST)
    close_cause(by=alice, cause=cause)
    client = visitor(charlie)
    assert RELEASE not in text_of(client.get(f"/receipt/{cid}/"))
    client.post(f"/receipt/{cid}/rekey")
    assert "This cause is closed." in text_of(client.get(f"/receipt/{cid}/"))
    assert lines(kind="rekey") == []
