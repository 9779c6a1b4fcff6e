"""A card to share shows the question, and one's own vote only if one asks for it."""

import datetime as dt
import re
from xml.etree import ElementTree as ET

import pytest

from stimme.apps.accounts.models import User
from stimme.apps.causes.models import Cause
from stimme.apps.causes.services import close_cause
from stimme.apps.organisations.models import Organisation, Result
from stimme.apps.organisations.services import record_decision
from tests.house import start_cause, version_of, vote
from tests.visitors import text_of, visitor

SVG = "{http://www.w3.org/2000/svg}"
CHOICES = ("I voted for it", "I voted against it", "I withdrew my vote")


def picture(user: User, cause: Cause, query: str = "") -> ET.Element:
    answer = visitor(user).get(f"/votes/{version_of(cause).cid}/card.svg{query}")
    assert answer.headers["Content-Type"] == "image/svg+xml; charset=utf-8"
    return ET.fromstring(answer.content)


def words(svg: ET.Element) -> list[str]:
    return [text.text or "" for text in svg.iter(f"{SVG}text")]


def plain(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_it_shows_the_question_and_where_it_stands(cause: Cause, bob: User, charlie: User) -> None:
    vote(charlie, cause, "against")
    svg = picture(charlie, cause)
    assert (svg.get("width"), svg.get("height")) == ("1200", "630")
    assert words(svg) == [
        "asked of Corner Shop",
        "Bring back Product X",
        "Stimme · localhost:8000",
        "open for votes",
    ]
    close_cause(by=bob, cause=cause)
    assert words(picture(charlie, cause))[-1] == "closed without a decision"
    record_decision(
        by=bob,
        cause=cause,
        result=Result.GRANTED,
        summary="It is back.",
        source_url="",
        decided_on=dt.date(2026, 11, 2),
    )
    assert words(picture(charlie, cause))[-1] == "granted"


def test_my_choice_stands_there_only_if_i_want_it(cause: Cause, charlie: User) -> None:
    address = f"/votes/{version_of(cause).cid}/card/"
    for number, choice in enumerate(["for", "against", "withdrawn"]):
        vote(charlie, cause, choice)
        assert not set(words(picture(charlie, cause))) & set(CHOICES)
        assert CHOICES[number] in words(picture(charlie, cause, "?choice=on"))
        html = text_of(visitor(charlie).get(address))
        assert f'src="/votes/{version_of(cause).cid}/card.svg"' in html
        assert "checked" not in html
        html = text_of(visitor(charlie).get(f"{address}?choice=on"))
        assert html.count(f"/votes/{version_of(cause).cid}/card.svg?choice=on") == 2


def test_the_page_to_share_is_the_public_one(cause: Cause, charlie: User) -> None:
    vote(charlie, cause, "for")
    html = text_of(visitor(charlie).get(f"/votes/{version_of(cause).cid}/card/"))
    assert f"http://localhost:8000{cause.get_absolute_url()}" in html


@pytest.mark.parametrize(
    "ask",
    [
        "Short enough for one line",
        " ".join(["Bring back the product that everybody liked"] * 3),
        "Donaudampfschifffahrtsgesellschaftskapitänsmütze" * 3,
        "請把產品帶回來" * 12,
        "WWWW MMMM " * 16,
    ],
)
def test_every_demand_fits(alice: User, charlie: User, shop: Organisation, ask: str) -> None:
    cause = start_cause(alice, shop, ask.strip()[:160])
    vote(charlie, cause, "for")
    svg = picture(charlie, cause, "?choice=on")
    [group] = [one for one in svg.iter(f"{SVG}g") if one.get("font-size")]
    placed = [int(one.get("y", "0")) for one in group]
    assert placed == sorted(set(placed))
    assert max(placed) < 520  # above the line that tells the choice
    shown = "".join(text.text or "" for text in group)
    assert plain(version_of(cause).ask).startswith(plain(shown).rstrip("…"))


def test_nothing_in_a_demand_becomes_part_of_the_drawing(
    alice: User, charlie: User, shop: Organisation
) -> None:
    ask = 'Give us <script>alert("1")</script> & </text><image href="https://example.org"/> back'
    cause = start_cause(alice, shop, ask)
    vote(charlie, cause, "for")
    svg = picture(charlie, cause)
    assert {one.tag.removeprefix(SVG) for one in svg.iter()} == {
        "svg",
        "title",
        "rect",
        "g",
        "text",
    }
    assert svg.findtext(f"{SVG}title") == ask
