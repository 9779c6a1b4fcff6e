"""Who has to wait gets a page that sends the same ballot again, and never another one."""

import asyncio
from typing import cast

import pytest

from stimme.apps.ballot.door.busy import CHOICE, PAPER, BusyPages
from stimme.apps.ballot.door.requests import BallotRequest
from stimme.apps.ballot.door.upstream import Answer, Request, Upstream


class Pages:
    """Answers as the pages do, with the two places to be filled in."""

    async def fetch(self, request: Request) -> Answer:
        code = dict(request.headers)["accept-language"]
        return Answer(200, [("content-language", code)], f"{code} {PAPER} {CHOICE}".encode())


@pytest.fixture
def busy() -> BusyPages:
    pages = BusyPages(cast("Upstream", Pages()), [("host", "stimme.example")])
    asyncio.run(pages.load())
    return pages


def test_it_holds_the_ballot_in_the_language_of_the_voter(busy: BusyPages) -> None:
    headers, text = busy.page("fr", BallotRequest("pa-p_er1", "for"))
    assert (headers, text) == ([("content-language", "fr")], "fr pa-p_er1 for")


@pytest.mark.parametrize("paper", ['"><script>', "a b", "&amp;", ""])
def test_what_is_no_paper_does_not_get_into_the_page(busy: BusyPages, paper: str) -> None:
    assert busy.page("en", BallotRequest(paper, "for"))[1] == "en  "


def test_a_signed_ballot_is_not_sent_again_without_its_signature(busy: BusyPages) -> None:
    headers, text = busy.page("en", BallotRequest("paper", "for", 0, "2026-11-22T18Z", "vk", "sig"))
    assert dict(headers)["content-type"] == "text/plain; charset=utf-8"
    assert text == "Your vote has to wait. Go back, and send it again in a few seconds.\n"


def test_without_pages_there_is_a_sentence(busy: BusyPages) -> None:
    assert "send it again" in busy.page("xx", BallotRequest("paper", "for"))[1]
