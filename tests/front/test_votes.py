"""Votes through the front: a form is led on, a script is told, a refusal is explained."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from stimme.engines.translog import PromiseFile, VoteLine, verify_promise
from tests.front.conftest import Ballot, Door
from tests.front.pages import Answer


def test_a_form_is_led_to_its_receipt(door: Door) -> None:
    answer = door.ballot().as_form()
    assert (answer.status_code, answer.content) == (303, b"")
    assert answer.headers["location"] == f"/receipt/{door.cid}/"
    assert answer.headers["cache-control"] == "no-store"
    assert door.pages.asked == []


def test_a_script_is_given_line_and_promise(door: Door) -> None:
    answer = door.ballot("against").as_json()
    told = answer.json()
    assert answer.status_code == 200
    assert VoteLine.parse(told["line"]).choice == "against"
    assert (told["receipt"], told["changed"]) == (f"/receipt/{door.cid}/", True)
    promise = PromiseFile.parse(told["promise"])
    verifier = door.instance.receipt_key.verifier
    assert str(verify_promise(promise, verifier, door.instance.origin).line) == told["line"]


def test_the_same_click_again_is_the_same_vote(door: Door) -> None:
    ballot = door.ballot()
    first, again = ballot.as_json().json(), ballot.as_json().json()
    assert again == {**first, "changed": False}
    assert ballot.as_form().status_code == 303


def test_a_refused_form_is_explained_by_the_pages(door: Door) -> None:
    door.pages.answers["/ballot"] = lambda _: Answer(403, {"Content-Type": "text/html"}, b"Why")
    ballot = door.ballot()
    stolen = Ballot(door, "another", ballot.fields)
    answer = stolen.as_form()
    assert (answer.status_code, answer.text) == (403, "Why")
    [asked] = door.pages.asked
    assert (asked.method, asked.header("cookie")) == ("POST", ["stimme_session=another"])
    assert asked.body.decode().startswith(f"paper={ballot.fields['paper']}")


@pytest.mark.parametrize(
    "changed, status, error",
    [
        ({"paper": "forged"}, 403, "paper_refused"),
        ({"choice": "perhaps"}, 400, "unknown_choice"),
        ({"choice": "withdrawn"}, 409, "nothing_to_withdraw"),
        ({"choice": ""}, 400, "malformed"),
        ({"seq": "0"}, 400, "malformed"),
        ({"level": "3"}, 400, "malformed"),
    ],
)
def test_a_refused_script_is_told_why(
    door: Door, changed: dict[str, str], status: int, error: str
) -> None:
    ballot = door.ballot()
    answer = Ballot(door, ballot.session, {**ballot.fields, **changed}).as_json()
    assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert door.pages.asked == []


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_no_ballot_is_not_even_read(door: Door, *, chunked: bool) -> None:
    body = b"paper=" + b"x" * 5000
    content = iter([body]) if chunked else body
    answer = door.client.post(f"{door.url}/ballot", content=content)
    assert (answer.status_code, door.pages.asked) == (413, [])


def test_the_ballot_is_posted_and_nothing_else(door: Door) -> None:
    assert door.get("/ballot").json()["method"] == "GET"  # the pages say what that means


@contextmanager
def failing(door: Door) -> Iterator[None]:
    """The database cannot store anything while the block runs."""
    with closing(sqlite3.connect(door.instance.home / "stimme.sqlite3")) as database:
        database.execute("ALTER TABLE ballot_promise RENAME TO elsewhere")
        try:
            yield
        finally:
            database.execute("ALTER TABLE elsewhere RENAME TO ballot_promise")


def test_who_has_to_wait_is_told_when_to_come_again_and_then_counts_once(door: Door) -> None:
    form, script = door.ballot(), door.ballot("against")
    with failing(door):
        page, told = form.as_form(), script.as_json()
        assert [page.status_code, told.status_code] == [503, 503]
        assert {page.headers["retry-after"], told.headers["retry-after"]} <= set("1234")
        assert page.text == f"<form>{form.fields['paper']} for</form>"
        assert told.json() == {"error": "busy"}
    assert form.as_form().status_code == 303
    again = script.as_json().json()
    assert (VoteLine.parse(again["line"]).seq, again["changed"]) == (0, True)


def test_what_is_kept_in_the_page_is_a_paper_and_a_choice_and_no_markup(door: Door) -> None:
    ballot = door.ballot()
    with failing(door):
        ballot.fields["choice"] = "for"
        ballot.fields["paper"] += "<script>"
        assert "<script>" not in ballot.as_form().text
