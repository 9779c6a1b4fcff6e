"""Votes that the browser signs with the voter's own key, against the real server."""

import json
import subprocess
import sys

import pytest
from playwright.sync_api import Browser, Page, expect

from stimme.engines.translog import VoteLine
from tests.browser.conftest import Server, Visits
from tests.browser.sign_in import sign_in_by_code
from tests.browser.voter import Seats, Voter, press, seats


@pytest.fixture(scope="module")
def people(browser: Browser, server: Server) -> Seats:
    return seats(Visits(browser, server.url), server, "alice")


@pytest.fixture
def alice(visits: Visits, people: Seats) -> Voter:
    """A voter on an open cause of this test alone, in a browser that has no key yet."""
    state, cause = next(people)
    # What is out of date is refused.
    voter = Voter(visits.open(state=state, tolerate=("status of 409",)), state, cause)
    voter.open_cause()
    return voter


def who_signs(page: Page) -> str:
    said = page.locator("[data-who-signs]")
    expect(said).not_to_be_empty()
    return said.inner_text().strip()


def test_the_first_vote_makes_a_key_and_says_so(alice: Voter) -> None:
    assert who_signs(alice.page).startswith("With your first vote this browser makes a key")
    first = alice.choose("for")
    assert (first.seq, first.choice) == (0, "for")
    assert first.vk
    assert alice.kept() == [str(first)]
    alice.open_cause()
    assert who_signs(alice.page).startswith("This browser signs your vote with your voting key")


def test_every_change_bears_the_same_key(alice: Voter) -> None:
    lines = [alice.choose(choice) for choice in ("for", "against", "withdrawn", "for")]
    assert [(line.seq, line.choice) for line in lines] == [
        (0, "for"),
        (1, "against"),
        (2, "withdrawn"),
        (3, "for"),
    ]
    assert len({line.vk for line in lines}) == 1
    assert alice.kept() == [str(line) for line in lines]


def test_each_cause_has_another_key(alice: Voter) -> None:
    one = alice.choose("for")
    alice.open_cause(1)
    other = alice.choose("for")
    assert one.cid != other.cid
    assert one.vk != other.vk


def test_two_people_in_one_browser_have_two_keys(alice: Voter, server: Server) -> None:
    one = alice.choose("for")
    alice.page.context.clear_cookies()
    sign_in_by_code(alice.page, server, "somebody-else@example.org")
    alice.open_cause()
    other = alice.choose("for")
    assert one.cid == other.cid
    assert len({one.vk, other.vk}) == 2


def test_the_same_choice_again_is_the_same_receipt(alice: Voter) -> None:
    first = alice.choose("for")
    alice.open_cause()
    assert alice.choose("for") == first
    assert alice.kept() == [str(first)]


def test_two_clicks_are_one_vote(alice: Voter) -> None:
    with alice.page.expect_navigation(url="**/receipt/**"):
        press(alice.page, "for", twice=True)
    assert alice.line().seq == 0


def test_the_keyboard_votes_as_well(alice: Voter) -> None:
    alice.page.locator("input[name=choice][value=against]").focus()
    alice.page.keyboard.press("Space")
    alice.page.keyboard.press("Tab")
    with alice.page.expect_navigation(url="**/receipt/**"):
        alice.page.keyboard.press("Enter")
    assert alice.line().choice == "against"


def test_an_old_tab_votes_with_the_number_that_is_due(alice: Voter) -> None:
    old = Voter(alice.page.context.new_page(), alice.state, alice.cause)
    old.open_cause()
    first = alice.choose("for")
    second = old.choose("against")
    assert (second.seq, second.choice, second.vk) == (1, "against", first.vk)


def test_the_browser_checks_what_it_signed(alice: Voter) -> None:
    alice.choose("for")
    alice.wait_for_seal()
    assert alice.watched() == ["This browser checked it"]
    alice.page.goto("/votes/")
    assert alice.watched() == ["This browser checked it"]


def brought(alice: Voter, visits: Visits) -> Voter:
    """The same person in another browser, on the page of the voting key."""
    words = alice.page
    words.goto("/account/voting-key/")
    words.get_by_role("button", name="Show the words").click()
    expect(words.locator("#words svg")).to_be_visible()
    text = words.locator("#words ol").inner_text()
    phone = alice.elsewhere(visits, "status of 409")
    phone.page.goto("/account/voting-key/")
    phone.page.get_by_label("The 24 words").fill(text)
    phone.page.get_by_role("button", name="Use this key").click()
    expect(phone.page.locator("#state")).to_contain_text("Your voting key is in this browser now.")
    return phone


def test_the_words_carry_the_key_to_another_browser(alice: Voter, visits: Visits) -> None:
    first = alice.choose("for")
    phone = brought(alice, visits)
    phone.open_cause()
    second = phone.choose("against")
    assert (second.seq, second.vk) == (1, first.vk)
    # The first browser takes a change that bears its key for its owner's.
    alice.page.goto(f"/receipt/{first.cid}/")
    alice.wait_for_seal()
    assert alice.watched() == ["This browser checked it"]


def test_a_page_that_is_behind_signs_anew(alice: Voter, visits: Visits) -> None:
    first = alice.choose("for")
    phone = brought(alice, visits)
    alice.open_cause()
    phone.open_cause()
    assert phone.choose("against").seq == 1
    assert alice.choose("withdrawn").seq == 2
    assert alice.line().vk == first.vk


def give_new_key(voter: Voter, cid: str) -> None:
    voter.page.goto(f"/receipt/{cid}/")
    voter.page.get_by_text("I lost my key or my device").click()
    with voter.page.expect_navigation():
        voter.page.get_by_role("button", name="Use this browser’s key").click()
    expect(voter.page.get_by_role("main")).to_contain_text("has the key of this browser now")


def test_who_lost_the_key_gives_the_vote_another_and_everybody_sees_it(
    alice: Voter, visits: Visits
) -> None:
    first = alice.choose("for")
    other = alice.elsewhere(visits)
    other.open_cause()
    other.press("against")
    assert other.told() == "Your key for this vote is elsewhere"
    give_new_key(other, first.cid)
    other.open_cause()
    second = other.choose("against")
    assert (second.seq, second.vk not in {None, first.vk}) == (1, True)
    other.wait_for_seal()
    other.page.goto(f"/log/causes/{first.cid}/")
    expect(other.page.get_by_role("main")).to_contain_text("was lost: 1.")
    # The browser that had the old key does not take this for granted.
    alice.page.goto("/votes/")
    assert alice.watched() == ["This vote is no longer bound to your key"]
    alice.page.get_by_role("button", name="That was me").click()
    expect(alice.page.locator("#watch")).to_be_empty()


def test_without_javascript_a_vote_is_released_and_changed_in_custody(
    alice: Voter, visits: Visits
) -> None:
    first = alice.choose("for")
    voter = alice.elsewhere(visits, "status of 409", javascript=False)
    plain = voter.page
    voter.open_cause()
    voter.press("against")
    expect(plain.get_by_role("main")).to_contain_text("is bound to a key in a browser of yours")
    plain.goto(f"/receipt/{first.cid}/")
    plain.get_by_text("I lost my key or my device").click()
    plain.get_by_role("button", name="Release the vote from its key").click()
    expect(plain.get_by_role("main")).to_contain_text("Your vote is in our custody now.")
    press(plain, "against")
    expect(plain.get_by_role("heading", level=1)).to_have_text("You voted against it")
    assert (voter.line().seq, voter.line().vk) == (1, None)


def test_a_browser_that_cannot_sign_votes_in_custody(alice: Voter) -> None:
    alice.page.add_init_script(
        "SubtleCrypto.prototype.importKey = () => Promise.reject(new DOMException('unknown'))"
    )
    alice.page.reload()
    assert alice.choose("for").vk is None
    assert alice.choose("against").vk is None


def test_a_vote_that_began_in_custody_stays_there(alice: Voter, visits: Visits) -> None:
    plain = alice.elsewhere(visits, javascript=False)
    plain.open_cause()
    assert plain.choose("for").vk is None
    alice.page.reload()
    assert "it is in our custody" in who_signs(alice.page)
    changed = alice.choose("against")
    assert (changed.seq, changed.vk) == (1, None)
    assert alice.kept() == [str(changed)]


def test_the_count_tells_key_bound_from_custodial_votes(alice: Voter) -> None:
    alice.choose("for")
    note = alice.page.locator(".tally .note").inner_text()
    assert "Signed with the voter’s own key:" in note


def test_an_audit_accepts_what_the_browser_signed(alice: Voter, server: Server) -> None:
    lines = [alice.choose(choice) for choice in ("for", "against")]
    alice.wait_for_seal()
    audit = subprocess.run(
        [sys.executable, "-m", "stimme", "audit", server.url, "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert audit.returncode == 0, audit.stderr
    cause = next(one for one in json.loads(audit.stdout)["causes"] if one["cid"] == lines[0].cid)
    assert cause["custodial"] < cause["votes_for"] + cause["votes_against"]


def test_what_is_signed_is_shown(alice: Voter) -> None:
    shown: list[str] = []

    def seen(line: str) -> None:
        shown.append(line)

    alice.page.expose_function("seen", seen)
    alice.page.evaluate(
        """() => new MutationObserver(() => {
            const line = document.querySelector("[data-vote-said] .log-line");
            if (line) seen(line.textContent);
        }).observe(document.querySelector("[data-vote-said]"), { childList: true })"""
    )
    line = alice.choose("for")
    assert shown == [str(line)]
    assert isinstance(line, VoteLine)


def test_the_pages_of_a_voter_with_a_key_are_for_everybody(
    alice: Voter, accessible: object
) -> None:
    assert callable(accessible)
    alice.choose("for")
    alice.wait_for_seal()
    assert alice.watched() == ["This browser checked it"]
    accessible(alice.page)
    alice.page.goto("/account/voting-key/")
    alice.page.get_by_role("button", name="Show the words").click()
    expect(alice.page.locator("#words svg")).to_be_visible()
    accessible(alice.page)
