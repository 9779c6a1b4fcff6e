"""An attack: what belongs to one visitor is never given to another by the door's cache."""

import pytest

from tests.front.conftest import Door
from tests.front.pages import PUBLIC, Answer, Asked

PATH = "/causes/bring-back-product-x/"
SIGNED_IN = "stimme_session=0123456789abcdef"


def personal(headers: dict[str, str]) -> Answer:
    return Answer(200, {**PUBLIC, **headers}, b"for one visitor")


def test_a_page_for_everybody_is_asked_for_once(door: Door) -> None:
    door.pages.answers[f"{PATH}1"] = lambda _: Answer(200, PUBLIC, b"for all")
    assert [door.get(f"{PATH}1").text for _ in range(5)] == ["for all"] * 5
    [asked] = door.pages.asked
    assert asked.header("cookie") == []


def test_languages_and_hosts_are_kept_apart(door: Door) -> None:
    def answer(asked: Asked) -> Answer:
        told = asked.header("accept-language") + asked.header("host")
        return Answer(200, PUBLIC, " ".join(told).encode())

    door.pages.answers[f"{PATH}2"] = answer
    asking = [("de", "a.example"), ("fr-CH", "a.example"), ("de", "b.example")]
    for _ in range(2):
        told = [door.get(f"{PATH}2", Accept_Language=one, Host=host).text for one, host in asking]
        assert told == ["de a.example", "fr a.example", "de b.example"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Set-Cookie": "stimme_session=abc; Path=/"},
        {"Cache-Control": "private"},
        {"Cache-Control": "public, max-age=60"},
        {"Cache-Control": "no-store"},
    ],
)
def test_what_the_pages_call_private_is_never_kept(door: Door, headers: dict[str, str]) -> None:
    path = f"{PATH}3"
    door.pages.answers[path] = lambda _: personal(headers)
    door.get(path)
    before = len(door.pages.asked)
    door.get(path)
    assert len(door.pages.asked) > before


@pytest.mark.parametrize(
    "cookies",
    [
        SIGNED_IN,
        f"a=b; {SIGNED_IN}",
        f"a=b;{SIGNED_IN} ;c=d",
        f"stimme_session=; {SIGNED_IN}",
    ],
)
def test_the_page_of_somebody_signed_in_is_theirs_even_if_the_pages_call_it_public(
    door: Door, cookies: str
) -> None:
    path = f"{PATH}4?{len(cookies)}"

    def answer(asked: Asked) -> Answer:
        return personal({}) if asked.header("cookie") else Answer(200, PUBLIC, b"for all")

    door.pages.answers[f"{PATH}4"] = answer
    assert door.get(path, Cookie=cookies).text == "for one visitor"
    assert door.get(path).text == "for all"
    assert door.get(path, Cookie=cookies).text == "for one visitor"


def test_only_pages_that_can_be_public_are_kept_at_all(door: Door) -> None:
    door.pages.answers["/account/"] = lambda _: personal({})
    door.get("/account/")
    door.get("/account/")
    assert len(door.pages.asked) == 2


def test_a_query_cannot_lay_its_page_over_another(door: Door) -> None:
    """The key of a kept page is all that the page depends on."""
    door.pages.answers[f"{PATH}5"] = lambda asked: Answer(200, PUBLIC, asked.target.encode())
    targets = [f"{PATH}5", f"{PATH}5?", f"{PATH}5?a", f"{PATH}5?a&b", f"{PATH}5?b&a"]
    for _ in range(2):
        found = {door.get(target).text for target in targets}
        assert {PATH + "5", f"{PATH}5?a", f"{PATH}5?a&b", f"{PATH}5?b&a"} == found


def test_who_has_the_page_already_is_not_sent_it_again(door: Door) -> None:
    headers = {**PUBLIC, "ETag": '"one"'}
    door.pages.answers[f"{PATH}6"] = lambda _: Answer(200, headers, b"for all")
    assert door.get(f"{PATH}6").headers["etag"] == '"one"'
    for tag in ['"one"', 'W/"one"', '"two", "one"']:
        answer = door.get(f"{PATH}6", If_None_Match=tag)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == '"one"'
    assert door.get(f"{PATH}6", If_None_Match='"two"').text == "for all"
    head = door.get(f"{PATH}6", method="HEAD")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", '"one"')
    assert len(door.pages.asked) == 1
