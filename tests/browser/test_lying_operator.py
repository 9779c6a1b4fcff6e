"""An operator who lies to one voter: each lie is found by the voter's own browser, and named."""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import Browser, expect

from stimme.engines.translog import VoteLine, promise_batch
from tests.browser.conftest import Server, Visits
from tests.browser.lying_server import Answer, Asked, Liar, Lie, lying
from tests.browser.own_log import House
from tests.browser.voter import Seats, Voter, seats
from tests.unit.translog.small_log import SmallLog, cause_line, cid_of, many_votes

PROVOKED = ("status of 4", "status of 5", "ERR_EMPTY_RESPONSE")
HOUR = 3600


@dataclass
class Operator:
    """Has the keys of the real log, and stands between the voter and the real server."""

    liar: Liar
    house: House

    def promise(self, line: str, *, signer: str = "receipt_key") -> str:
        key = getattr(self.house, signer)
        return promise_batch(key, self.house.origin, [line], int(time.time()) + 600)[0].encode()

    def ballot(self, line: str, **changes: object) -> Answer:
        """An answer to a vote in which everything is in order but what the line says."""
        found = {
            "line": line,
            "code": "aaaa-aaaa-aaaa-aaaa-aaaa-aaaa",
            "promise": self.promise(line),
            "receipt": f"/receipt/{VoteLine.parse(line).cid}/",
            "changed": True,
        }
        return as_json(200, found | changes)

    def tell(self, lie: Lie) -> None:
        self.liar.lies.append(lie)

    def on(self, path: str, answer: Callable[[Asked], Answer]) -> None:
        """Answer what is asked at `path` (a pattern) in this way."""
        self.tell(lambda asked, _: answer(asked) if re.fullmatch(path, asked.path) else None)

    def say(self, path: str, answer: Answer) -> None:
        """Say this at `path`, whatever the truth is."""
        self.on(path, lambda _: answer)

    def distort(self, path: str, change: Callable[[Answer], Answer]) -> None:
        """Say the truth at `path`, but changed."""
        self.tell(lambda asked, truth: change(truth()) if re.fullmatch(path, asked.path) else None)

    def show_log(self, log: SmallLog) -> None:
        """Show this log in place of the real one, with the real keys."""
        self.on(r"/log/(checkpoint|tile/.*)", lambda asked: resource(log, asked.path))


def as_json(status: int, content: dict[str, object], *headers: tuple[str, str]) -> Answer:
    kinds = (("Content-Type", "application/json"), *headers)
    return Answer(status, kinds, json.dumps(content).encode())


def resource(log: SmallLog, path: str) -> Answer:
    body = log.files.get(path.removeprefix("/log/"))
    return Answer(404) if body is None else Answer(200, (), body)


def signed_line(asked: Asked, page: dict[str, str]) -> str:
    """The line that the browser signed, from what it sent and what the page had told it."""
    sent = json.loads(asked.body)
    after = (sent["choice"], page["level"], sent["hour"], sent["vk"], sent["sig"])
    return " ".join(("s1 vote", page["cid"], page["pseudonym"], str(sent["seq"]), *after))


@pytest.fixture
def operator(server: Server) -> Iterator[Operator]:
    with lying(server.url) as liar:
        yield Operator(liar, House(server))


@pytest.fixture(scope="module")
def people(browser: Browser, server: Server) -> Seats:
    return seats(Visits(browser, server.url), server, "lied-to")


@pytest.fixture
def voter(operator: Operator, browser: Browser, people: Seats) -> Iterator[Voter]:
    """Signed in at the operator's address, with a browser that has no key yet, on a cause."""
    visits = Visits(browser, operator.liar.url)
    state, cause = next(people)
    voter = Voter(visits.open(state=state, tolerate=PROVOKED), state, cause)
    voter.open_cause()
    yield voter
    visits.close()
    assert visits.problems == []


def told_page(voter: Voter) -> dict[str, str]:
    found: dict[str, str] = voter.page.locator("form[data-cid]").evaluate("it => ({...it.dataset})")
    return found


def later(voter: Voter) -> None:
    """An hour passes: every promise is due."""
    voter.page.clock.install(time=time.time() + HOUR)


def nothing_was_sent(operator: Operator) -> bool:
    return not [one for one in operator.liar.heard if one.path == "/ballot"]


# A demand reworded under the vote


def test_other_words_on_the_page_than_those_that_are_voted_on(
    operator: Operator, voter: Voter
) -> None:
    path = voter.page.url.removeprefix(operator.liar.url)
    ask = voter.page.locator("h1.demand").inner_text()
    operator.distort(re.escape(path), lambda truth: truth.saying(ask, "Close the library"))
    voter.page.reload()
    voter.press("for")
    assert voter.told() == "Your vote would be for other words than these"
    text = voter.page.locator("[data-vote-said]").inner_text()
    assert "The page asks: “Close the library”." in text
    assert f"your vote would be counted for: “{ask}”" in text
    assert nothing_was_sent(operator)


def test_a_document_that_its_id_does_not_bind(operator: Operator, voter: Voter) -> None:
    operator.distort(r"/causes/documents/.*", lambda truth: replace(truth, body=truth.body + b"\n"))
    voter.press("for")
    assert voter.told() == "Your vote would be for other words than these"
    operator.liar.lies[:] = []
    operator.say(r"/causes/documents/.*", Answer(404))
    voter.press("for")
    assert voter.told() == "Your browser stopped before anything was signed"
    assert nothing_was_sent(operator)


# The same receipt for two people, and other receipts than of one's own vote


def test_the_receipt_of_another_vote_is_not_taken(operator: Operator, voter: Voter) -> None:
    page = told_page(voter)

    def distorted(change: Callable[[VoteLine], VoteLine]) -> Lie:
        def answer(asked: Asked, _: object) -> Answer | None:
            if asked.path != "/ballot":
                return None
            return operator.ballot(str(change(VoteLine.parse(signed_line(asked, page)))))

        return answer

    stranger = "A" * 22
    lies: list[Callable[[VoteLine], VoteLine]] = [
        lambda mine: replace(mine, pseudonym=stranger),
        lambda mine: replace(mine, pseudonym=stranger, vk=None, sig=None),
        lambda mine: replace(mine, cid=stranger),
        lambda mine: replace(mine, choice="against"),
        lambda mine: replace(mine, vk=None, sig=None),
        lambda mine: replace(mine, vk="A" * 43),
        lambda mine: replace(mine, sig="A" * 86),
        lambda mine: replace(mine, seq=1),
        lambda mine: replace(mine, level="1"),
    ]
    for lie in lies:
        operator.liar.lies[:] = [distorted(lie)]
        voter.page.reload()
        voter.press("for")
        assert voter.told() == "This is not the receipt of your vote"
    assert voter.kept() == []


def test_a_signature_that_is_left_out_is_missed(operator: Operator, voter: Voter) -> None:
    """The operator refuses what is signed, and takes the form that follows without its key."""

    def strip(asked: Asked, _: object) -> Answer | None:
        if asked.path != "/ballot":
            return None
        if asked.body.startswith(b"{"):
            return as_json(400, {"error": "bad_signature"})
        kept = [one for one in asked.body.split(b"&") if one.startswith((b"paper=", b"choice="))]
        return operator.liar.ask(replace(asked, body=b"&".join(kept)))

    operator.tell(strip)
    assert voter.choose("for").vk is None
    assert voter.watched() == ["Your signature was left out"]


def test_a_pseudonym_that_is_not_the_one_of_before(operator: Operator, voter: Voter) -> None:
    address = voter.page.url
    seat = told_page(voter)["pseudonym"]
    voter.choose("for")
    path = re.escape(address.removeprefix(operator.liar.url))
    operator.distort(path, lambda truth: truth.saying(seat, "A" * 22))
    voter.page.goto(address)
    operator.liar.heard.clear()
    voter.press("against")
    assert voter.told() == "Your browser stopped before anything was signed"
    assert nothing_was_sent(operator)


# Promises that promise nothing


def test_a_promise_that_holds_nobody_is_not_taken(operator: Operator, voter: Voter) -> None:
    page = told_page(voter)
    other = "s1 close " + page["cid"] + " 2026-11-22T10Z"
    far = int(time.time()) + 100 * HOUR
    key, origin = operator.house.receipt_key, operator.house.origin

    def lie(promise: Callable[[str], str]) -> Lie:
        def answer(asked: Asked, _: object) -> Answer | None:
            line = signed_line(asked, page) if asked.path == "/ballot" else ""
            return operator.ballot(line, promise=promise(line)) if line else None

        return answer

    promises: list[tuple[Callable[[str], str], str]] = [
        (lambda line: operator.promise(line, signer="log_key"), "The signature is missing"),
        (lambda _: operator.promise(other), "The site promises nothing"),
        (
            lambda line: promise_batch(key, origin, [line], far)[0].encode(),
            "The site promises nothing",
        ),
        (lambda line: operator.promise(line)[:-30], "This receipt proves nothing"),
        (lambda _: "", "We cannot read this"),
    ]
    found = []
    for promise, _name in promises:
        operator.liar.lies[:] = [lie(promise)]
        voter.page.reload()
        voter.press("for")
        found.append(voter.told())
    assert found == [name for _promise, name in promises]
    assert voter.kept() == []


# A promised vote that is dropped


def test_a_vote_that_was_promised_and_never_stored(operator: Operator, voter: Voter) -> None:
    page = told_page(voter)
    operator.on("/ballot", lambda asked: operator.ballot(signed_line(asked, page)))
    with voter.page.expect_navigation(url="**/receipt/**"):
        voter.press("for")
    voter.page.goto("/votes/")
    assert voter.watched() == ["The site has forgotten your vote"]
    later(voter)
    voter.page.reload()
    assert voter.watched() == ["The site has forgotten your vote", "A promised vote is missing"]
    evidence = voter.page.locator("#watch pre").last.inner_text()
    assert evidence.startswith("stimme/promise@v1\n")


def test_a_vote_that_is_shown_and_never_gets_into_the_log(operator: Operator, voter: Voter) -> None:
    operator.show_log(operator.house.log)
    voter.choose("for")
    expect(voter.page.locator("#watch")).to_contain_text("keeps the signed promise")
    later(voter)
    voter.page.reload()
    assert voter.watched() == ["A promised vote is missing"]


# A key-bound vote that is changed silently


def test_another_line_in_the_place_of_a_signed_one(operator: Operator, voter: Voter) -> None:
    mine = voter.choose("for")
    forged: list[tuple[VoteLine, str]] = [
        (replace(mine, choice="against"), "Your vote was changed"),
        (replace(mine, vk=None, sig=None), "Your vote was changed"),
        (replace(mine, seq=1, choice="against"), "This vote is no longer bound to your key"),
        (
            replace(mine, seq=1, choice="against", vk=None, sig=None),
            "This vote is no longer bound to your key",
        ),
        (replace(mine, pseudonym="A" * 22), "This is not the receipt of your vote"),
    ]
    found = []
    for line, _name in forged:
        body = operator.promise(str(line)).encode()
        operator.liar.lies[:] = []
        operator.say(r"/receipt/.*/promise", Answer(200, (), body))
        voter.page.reload()
        found.append(voter.watched())
    assert found == [[name] for _line, name in forged]


def test_an_older_line_in_the_place_of_the_latest(operator: Operator, voter: Voter) -> None:
    first = voter.choose("for")
    voter.choose("against")
    body = operator.promise(str(first)).encode()
    operator.say(r"/receipt/.*/promise", Answer(200, (), body))
    voter.page.reload()
    assert voter.watched() == ["The site shows an older vote of yours"]


def test_a_key_that_was_taken_away(operator: Operator, voter: Voter) -> None:
    address, mine = voter.page.url, voter.choose("for")
    bound = f'data-bound-to="{mine.vk}"'
    operator.distort(
        r"/receipt/[^/]*/|/causes/[^/]*/", lambda it: it.saying(bound, 'data-bound-to="-"')
    )
    voter.page.reload()
    assert voter.watched() == ["This vote is no longer bound to your key"]
    voter.page.goto(address)
    operator.liar.heard.clear()
    voter.press("against")
    assert voter.told() == "This vote is no longer bound to your key"
    assert nothing_was_sent(operator)


# Another log for one client


def test_another_log_than_before(operator: Operator, voter: Voter) -> None:
    voter.choose("for")
    voter.wait_for_seal()
    assert voter.watched() == ["This browser checked it"]
    operator.show_log(operator.house.make(many_votes(7000, cid_of("fork"))))
    voter.page.reload()
    assert voter.watched() == ["You are shown another log than before"]
    signed = voter.page.locator("#watch pre").inner_text()
    assert signed.count(f"— {operator.house.origin} ") == 2
    voter.page.goto("/votes/")
    assert voter.watched() == ["You are shown another log than before"]


def test_a_log_of_ones_own_that_ends(operator: Operator, voter: Voter) -> None:
    """The fork was for this client alone; as soon as it sees the log of all, it knows."""
    operator.show_log(operator.house.make([cause_line(cid_of("fork"))]))
    voter.choose("for")
    expect(voter.page.locator("#watch .notice")).to_be_visible()
    operator.liar.lies[:] = []
    voter.page.reload()
    assert voter.watched() == ["You are shown another log than before"]


def test_a_log_that_was_rolled_back(operator: Operator, voter: Voter) -> None:
    voter.choose("for")
    voter.wait_for_seal()
    assert voter.watched() == ["This browser checked it"]
    operator.show_log(operator.house.log)
    voter.page.reload()
    assert voter.watched() == ["The log was rolled back"]


def test_other_keys_than_at_first_sight(operator: Operator, voter: Voter) -> None:
    mine = voter.choose("for")
    keys = "\n".join(key.vkey for key in (operator.house.receipt_key, operator.house.receipt_key))
    operator.say("/log/keys", Answer(200, (), keys.encode()))
    voter.page.reload()
    assert voter.watched() == ["The log names other keys than before"]
    voter.open_cause()
    voter.press("against")
    assert voter.told() == "The log names other keys than before"
    assert voter.kept() == [str(mine)]


# Answers that make a vote wait


def test_a_busy_site_is_asked_again_until_it_answers(operator: Operator, voter: Voter) -> None:
    times = iter(range(2))
    busy = as_json(503, {"error": "busy"}, ("Retry-After", "1"))
    operator.tell(
        lambda asked, _: busy if asked.path == "/ballot" and next(times, None) is not None else None
    )
    mine = voter.choose("for")
    assert mine.seq == 0
    assert [one.path for one in operator.liar.heard].count("/ballot") == 3


def test_an_answer_that_got_lost_gives_the_same_receipt(operator: Operator, voter: Voter) -> None:
    """The vote was stored; the line to the voter broke."""
    times = iter(range(1))

    def lose(asked: Asked, truth: Callable[[], Answer]) -> Answer | None:
        if asked.path != "/ballot" or next(times, None) is None:
            return None
        assert truth().status == 200
        return Answer(0)

    operator.tell(lose)
    mine = voter.choose("for")
    assert (mine.seq, mine.choice) == (0, "for")
    assert voter.kept() == [str(mine)]


def test_wrong_hours_and_numbers_are_not_signed(operator: Operator, voter: Voter) -> None:
    address = voter.page.url
    voter.choose("for")
    voter.choose("against")
    stale = [
        ({"error": "stale", "seq": 2, "hour": "2020-01-01T00Z"}, "Your clock and ours disagree"),
        ({"error": "stale", "seq": 1, "hour": time.strftime("%Y-%m-%dT%HZ", time.gmtime())},
         "The site has forgotten your last vote"),
    ]  # fmt: skip
    found = []
    for answer, _name in stale:
        operator.liar.lies[:] = []
        operator.say("/ballot", as_json(409, answer))
        voter.page.goto(address)
        voter.press("for")
        found.append(voter.told())
    assert found == [name for _answer, name in stale]
