"""The kit of the benchmarks counts, reads and draws right; nothing here measures time."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks.kit.apart import Failed, apart
from benchmarks.kit.load import body_of, insist, is_whole, repeat, request, run, status_of
from benchmarks.kit.plot import Plot
from benchmarks.kit.processes import cpu_seconds, family, memory_bytes, proportional_bytes, ticks_of
from benchmarks.kit.report import at_least, at_most, finish, holds, table
from benchmarks.kit.statistics import median, percentile
from benchmarks.kit.storm import Ballot, Storm

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n"


@pytest.fixture
def server() -> Iterator[tuple[str, int]]:
    """Answers a request that names /busy with 503 the first time, and every other with 200."""
    listening = socket.create_server(("127.0.0.1", 0))
    seen: set[bytes] = set()

    def serve(connection: socket.socket) -> None:
        with connection:
            while asked := connection.recv(10_000):
                again = asked in seen
                seen.add(asked)
                connection.sendall(BUSY if b"/busy" in asked and not again else OK)

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=[connection]).start()

    thread = threading.Thread(target=accept)
    thread.start()
    address: tuple[str, int] = listening.getsockname()
    yield address
    listening.shutdown(socket.SHUT_RDWR)
    thread.join()
    listening.close()


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert [percentile(values, percent) for percent in (0, 20, 50, 99, 100)] == [1, 1, 3, 5, 5]
    assert percentile([], 99) == 0
    assert median([4.0, 1.0, 3.0, 2.0]) == 2


@pytest.mark.parametrize(
    "data, whole",
    [
        (OK, True),
        (OK[:-1], False),
        (OK[:20], False),
        (OK.replace(b"Content-Length", b"content-length"), True),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc", True),
        (b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", True),
    ],
)
def test_an_answer_is_whole_when_its_last_byte_is_there(data: bytes, *, whole: bool) -> None:
    assert is_whole(data) == whole


def test_the_body_of_an_answer_is_joined_from_its_chunks() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert body_of(head + b"3\r\nabc\r\nb\r\nlmnopqrstuv\r\n0\r\n\r\n") == b"abclmnopqrstuv"
    assert body_of(OK) == b"ok"
    assert status_of(BUSY) == 503


def test_a_request_says_how_long_its_body_is() -> None:
    made = request("POST", "/ballot", host="h", body=b"{}", headers=["Cookie: a=b"])
    assert made == (
        b"POST /ballot HTTP/1.1\r\nHost: h\r\nCookie: a=b\r\nContent-Length: 2\r\n\r\n{}"
    )


def test_a_load_shares_its_requests_among_its_connections(server: tuple[str, int]) -> None:
    requests = iter([request("GET", f"/{number}", host="h") for number in range(50)])
    answers: list[bytes] = []
    load = run(server, [repeat(requests, answers.append) for _ in range(4)], seconds=10)
    assert (load.statuses, load.errors, answers) == ({200: 50}, {}, [OK] * 50)
    assert load.milliseconds(100) >= load.milliseconds(50) > 0


def test_more_connections_than_requests_are_no_error(server: tuple[str, int]) -> None:
    requests = iter([request("GET", "/", host="h")])
    load = run(server, [repeat(requests) for _ in range(3)], seconds=10)
    assert (load.statuses, load.errors) == ({200: 1}, {})


def test_who_arrives_later_gets_a_connection_then(server: tuple[str, int]) -> None:
    talks = [repeat([request("GET", f"/{number}", host="h")]) for number in range(3)]
    load = run(server, talks, at=[0.0, 0.01, 0.02], seconds=10)
    assert load.statuses == {200: 3}
    assert load.seconds >= 0.02


def test_who_is_turned_away_comes_again(server: tuple[str, int]) -> None:
    answers: list[bytes] = []
    talk = insist([request("GET", "/busy", host="h")], answers.append)
    load = run(server, [talk], seconds=10)
    assert load.statuses == {200: 1, 503: 1}
    assert answers == [OK]


def test_a_broken_connection_is_an_error_and_no_answer(server: tuple[str, int]) -> None:
    load = run(server, [repeat([b"GET / HTTP/1.1\r\n\r\n"])], seconds=10)
    assert load.errors == {}
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        thread = threading.Thread(target=_hang_up, args=[deaf])
        thread.start()
        load = run(deaf.getsockname(), [repeat([b"GET / HTTP/1.1\r\n\r\n"])], seconds=10)
        thread.join()
    assert (load.answers, sum(load.errors.values())) == (0, 1)


def _hang_up(listening: socket.socket) -> None:
    listening.accept()[0].close()


def test_a_storm_counts_only_votes_with_a_receipt() -> None:
    receipt = json.dumps({"line": "s1 vote …", "promise": "stimme/promise@v1"}).encode()
    taken = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(receipt), receipt)
    storm = Storm.of(run(("", 0), [], seconds=0), [taken, BUSY, taken])
    assert storm.lines == ["s1 vote …", "s1 vote …"]
    assert storm.promises == ["stimme/promise@v1", "stimme/promise@v1"]


def test_a_ballot_is_sent_as_the_script_of_the_page_sends_it() -> None:
    head, _, body = (
        Ballot("abc", {"paper": "p", "choice": "for"}).request("h").partition(b"\r\n\r\n")
    )
    assert head.split(b"\r\n")[:4] == [
        b"POST /ballot HTTP/1.1",
        b"Host: h",
        b"Cookie: stimme_session=abc",
        b"Content-Type: application/json",
    ]
    assert json.loads(body) == {"paper": "p", "choice": "for"}


# A fork of a process with threads, as the runner of these tests may be; the benchmarks have none.
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_work_apart_returns_its_result_or_its_traceback() -> None:
    assert apart(lambda: os.environ["STIMME_BENCH"], {"STIMME_BENCH": "here"}) == "here"
    assert "STIMME_BENCH" not in os.environ
    with pytest.raises(Failed, match="ZeroDivisionError"):
        apart(lambda: 1 // 0)


def test_the_time_of_a_process_holds_that_of_its_children() -> None:
    line = "7 (a (b) c) S 1 7 7 0 -1 4194560 100 0 0 0 12 3 40 5 20 0 1 0 99 0 0"
    assert ticks_of(line) == 60
    assert cpu_seconds(os.getpid()) > 0
    assert os.getpid() in family(os.getpid())


def test_memory_that_is_shared_is_counted_in_part() -> None:
    rollup = "559-7ff ---p 00:00 0 [rollup]\nRss: 900 kB\nPss: 300 kB\nPss_Dirty: 200 kB\n"
    assert proportional_bytes(rollup) == 300 * 1024
    assert memory_bytes([os.getpid()]) > 1_000_000


def test_a_table_says_what_was_asked_and_what_was_missed() -> None:
    rows = [
        at_least("votes/s", 12345.6, 10_000),
        at_most("p99", 61.25, 60, " ms", "128 connections"),
        holds("alarms", "0", "0", ok=True),
    ]
    assert table(rows).splitlines()[2:] == [
        "| votes/s | ≥ 10,000 | 12,346 | ok |",
        "| p99 (128 connections) | ≤ 60 ms | 61.2 ms | missed |",
        "| alarms | 0 | 0 | ok |",
    ]


def test_the_last_line_is_one_object_and_a_missed_bar_is_a_failure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    facts = {"p99_ms": 61.254, "other": None, "load_before": 3.5}
    assert finish("ballot", [at_most("p99", 61.25, 60)], facts) == 1
    _, place, *_, last = capsys.readouterr().out.splitlines()
    assert place.endswith(", load average 3.5 before")
    assert json.loads(last) == {
        "bench": "ballot",
        "p99_ms": 61.25,
        "other": None,
        "load_before": 3.5,
        "missed": ["p99"],
    }


def test_a_plot_says_in_words_what_it_draws(tmp_path: Path) -> None:
    svg = Plot("Cost", "seats", "CPU, µs", [(1000, 80.0), (10_000, 84.0)]).svg()
    root = ET.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    assert [root.findtext(f"{space}{name}") for name in ("title", "desc")] == [
        "Cost",
        "CPU, µs, by seats: 1,000: 80; 10,000: 84.",
    ]
    labels = [text.text for text in root.iter(f"{space}text")]
    assert labels == [
        "0",
        "25",
        "50",
        "75",
        "100",
        "1,000",
        "10,000",
        "seats",
        "CPU, µs",
        "80",
        "84",
    ]
    assert {path.get("stroke") for path in root.iter(f"{space}path")} == {"currentColor"}
