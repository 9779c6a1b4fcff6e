"""Everything that is not a vote reaches the pages as it came, with one true word on who asks."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx

from stimme.engines.translog import b64
from tests.crash.instances import Instance, answers, free_port, running, until
from tests.front.conftest import Door
from tests.front.pages import Answer, Pages, serving


def test_method_target_and_body_arrive_as_they_were_sent(door: Door) -> None:
    url = f"{door.url}/a%20b/%C3%A4?x=1&y=%20"
    told = door.client.put(url, content=b"12345").json()
    assert told == {"method": "PUT", "target": "/a%20b/%C3%A4?x=1&y=%20", "length": 5}


def test_the_pages_are_told_who_asks_by_the_door_alone(door: Door) -> None:
    """No proxy of ours stands before this door: what visitors claim is dropped."""
    door.get(
        "/account/",
        X_Forwarded_For="203.0.113.9",
        X_Forwarded_Proto="https",
        Forwarded="for=203.0.113.9",
        X_Real_IP="203.0.113.9",
    )
    [asked] = door.pages.asked
    names = ["x-forwarded-for", "x-forwarded-proto", "forwarded", "x-real-ip"]
    assert [asked.header(name) for name in names] == [["127.0.0.1"], ["http"], [], []]


def test_headers_of_one_connection_are_not_passed_on(door: Door) -> None:
    door.get("/account/", Connection="close", TE="trailers", Upgrade="h2c", X_Mine="yes")
    [asked] = door.pages.asked
    assert [asked.header(name) for name in ("te", "upgrade", "x-mine")] == [[], [], ["yes"]]


def test_answers_come_back_with_status_headers_and_body(door: Door) -> None:
    body = bytes(range(256)) * 8000  # more than is passed on in one piece
    headers = {"Set-Cookie": "a=b", "X-Its": "own", "Content-Type": "image/png"}
    door.pages.answers["/account/"] = lambda _: Answer(418, headers, body)
    answer = door.get("/account/")
    assert (answer.status_code, answer.content) == (418, body)
    assert [answer.headers[name] for name in ("set-cookie", "x-its")] == ["a=b", "own"]


def test_a_redirect_is_the_visitors_to_follow(door: Door) -> None:
    door.pages.answers["/account/"] = lambda _: Answer(302, {"Location": "/elsewhere/"})
    answer = door.get("/account/")
    assert (answer.status_code, answer.headers["location"]) == (302, "/elsewhere/")
    assert len(door.pages.asked) == 1


def test_head_has_the_headers_and_no_body(door: Door) -> None:
    door.pages.answers["/account/"] = lambda _: Answer(200, {"X-Its": "own"}, b"body")
    answer = door.get("/account/", method="HEAD")
    assert (answer.status_code, answer.headers["x-its"], answer.content) == (200, "own", b"")


def test_the_live_tally_begins_with_the_count_and_tells_every_change(door: Door) -> None:
    fragments = iter(["<p>one</p>", "<p>two</p>\n<p>lines</p>"])
    path = f"/tally/{door.cid}"
    door.pages.answers[path] = lambda _: Answer(200, {}, next(fragments).encode())
    door.ballot().as_json()
    with httpx.stream("GET", f"{door.url}{path}/live", timeout=10) as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        told = answer.iter_lines()
        assert [next(told) for _ in range(3)] == ["event: tally", "data: <p>one</p>", ""]
        door.ballot().as_json()
        expected = ["event: tally", "data: <p>two</p>", "data: <p>lines</p>", ""]
        assert [next(told) for _ in range(4)] == expected


def test_there_is_no_live_tally_of_what_is_no_box(door: Door) -> None:
    assert door.get("/tally/x/live").status_code == 404
    with httpx.stream("GET", f"{door.url}/tally/{b64(bytes(16))}/live") as answer:
        assert answer.status_code == 200  # a box may be opened any time


def test_a_visitor_who_talks_no_http_disturbs_nobody(door: Door) -> None:
    with closing(socket.create_connection(("127.0.0.1", door.instance.port))) as line:
        line.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        line.recv(1000)
    assert door.ballot().as_form().status_code == 303


def test_pages_that_go_away_in_the_middle_are_said_to_be_away(door: Door) -> None:
    for path in ("/account/", "/causes/"):
        door.pages.answers[path] = lambda _: Answer(0)
        answer = door.get(path)
        assert (answer.status_code, answer.headers["retry-after"] in "1234") == (503, True)
        assert answer.text == "The pages are being restarted. Try again in a moment.\n"
        door.pages.forget()
        assert door.get(path).status_code == 200


def test_pages_that_are_restarted_are_waited_for(door: Door) -> None:
    """A door of its own, before pages that come late; votes are taken all the while."""
    pages, port = Pages(free_port()), free_port()
    away = Instance(door.instance.home / "away", port=port)
    away.home.mkdir()
    away.inside("prepare")
    with running(away.start("door", "--port", str(port), "--pages", pages.url)) as process:
        until(lambda: answers(port), "the door is open")
        other = Door(away, pages, process)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(httpx.get, f"{other.url}/account/", timeout=30)
            assert other.ballot().as_form().status_code == 303
            assert not waiting.done()
            with serving(pages.port, pages):
                assert waiting.result().status_code == 200
        other.client.close()
