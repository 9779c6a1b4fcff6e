"""All that a voter does, from the home page to a recount on another machine."""

import json
import re
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from stimme.engines.translog import VoteLine, parse_hour, parse_line
from tests.browser.conftest import Server, Visits
from tests.browser.own_log import verdict
from tests.browser.sign_in import sign_in_by_code
from tests.browser.voter import press

DEMAND = "Open the boathouse to beginners on Saturday mornings"
POLL = 10_000  # milliseconds between two looks of the receipt for its seal
LOOK = 1000  # milliseconds for the answer to one
LOOKS = 60


@dataclass
class Voter:
    """Somebody with a browser; with JavaScript its clock is the test's."""

    page: Page
    javascript: bool

    def choose(self, choice: str, *, twice: bool = False) -> None:
        """Choose and confirm on the page that is open, and arrive at the receipt."""
        if not twice:
            with self.page.expect_navigation(url="**/receipt/**"):
                press(self.page, choice)
            return
        # Of two navigations to the same page the browser gives up the first.
        press(self.page, choice, twice=True)
        expect(self.page).to_have_url(re.compile("/receipt/"))
        self.page.wait_for_load_state()

    def line(self) -> str:
        return self.page.locator("main .log-line").inner_text()

    def vote(self) -> VoteLine:
        """What the line says that the receipt is about."""
        vote = parse_line(self.line())
        assert isinstance(vote, VoteLine)
        return vote

    def wait_for_seal(self) -> None:
        """With JavaScript the receipt looks by itself; without, one reloads it.

        Who sees the seal looks no more, so nothing here waits for another request.
        """
        sealed = self.page.locator(".stamp", has_text="sealed")
        for _ in range(LOOKS):
            if self.javascript:
                self.page.clock.fast_forward(POLL)
            else:
                self.page.reload()
            with suppress(AssertionError):
                expect(sealed).to_be_visible(timeout=LOOK)
                break
        expect(self.page.locator(".stamp")).to_have_text("sealed")

    def download(self, link: str, folder: Path) -> Path:
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name=link).click()
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        return path


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without"])
def voter(request: pytest.FixtureRequest, visits: Visits) -> Voter:
    page = visits.open(javascript=request.param)
    if request.param:
        page.clock.install()
    return Voter(page, request.param)


def stimme(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The program as somebody runs it who has no instance."""
    command = [sys.executable, "-m", "stimme", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_from_the_home_page_to_a_recount_on_another_machine(
    voter: Voter, server: Server, tmp_path: Path
) -> None:
    cid = vote_change_and_vote_again(voter, server)
    proof = take_the_proof(voter, tmp_path)
    check_the_proof(voter, proof, tmp_path)
    find_the_line(voter, cid)
    recount(voter, server, cid)


def vote_change_and_vote_again(voter: Voter, server: Server) -> str:
    """From the home page to a vote that was changed, withdrawn and cast again: its cause's id."""
    page = voter.page
    page.goto("/")
    page.get_by_role("searchbox", name="Search the causes").fill("boathouse beginners")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=DEMAND).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(DEMAND)
    page.get_by_role("main").get_by_role("link", name="Against", exact=True).click()
    sign_in_by_code(page, server, f"journey-{voter.javascript}@example.org".lower(), start=None)
    expect(page.get_by_role("heading", level=1)).to_have_text(DEMAND)
    steps = [
        ("You voted for it", "for"),
        ("You voted against it", "against"),
        ("You withdrew your vote", "withdrawn"),
        ("You voted for it", "for"),
    ]
    for seq, (heading, choice) in enumerate(steps):
        voter.choose(choice)
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        assert (voter.vote().seq, voter.vote().choice) == (seq, choice)
    click_twice(voter)
    return voter.vote().cid


def click_twice(voter: Voter) -> None:
    """Against, in a hurry: one change, whatever the number of clicks."""
    voter.page.get_by_role("link", name=DEMAND).click()
    voter.choose("against", twice=True)
    expect(voter.page.get_by_role("heading", level=1)).to_have_text("You voted against it")
    assert (voter.vote().seq, voter.vote().choice) == (4, "against")


def take_the_proof(voter: Voter, folder: Path) -> Path:
    voter.wait_for_seal()
    proof = voter.download("Download the proof", folder)
    code = voter.page.locator(".slip-code").inner_text()
    assert proof.name == f"{code}.tlog-proof"
    return proof


def check_the_proof(voter: Voter, proof: Path, folder: Path) -> None:
    """On the page, where there is JavaScript, and with the program, offline."""
    page, line = voter.page, voter.line()
    page.get_by_role("link", name="Check it yourself").click()
    if voter.javascript:
        assert verdict(page)[0] == "Your vote is in the public log"
        page.goto("/verify/")
        page.set_input_files("#id_file", proof)
        assert verdict(page)[0] == "Your vote is in the public log"
        assert page.locator("#result .log-line").inner_text() == line
    keys = folder / "keys"
    keys.write_bytes(page.request.get("/log/keys").body())
    checked = stimme("verify", proof, "--keys", keys)
    said = checked.stdout.splitlines()
    assert (checked.returncode, said[0]) == (0, "This proof holds: the line is in the log.")
    assert f"Line:        {line}" in said


def find_the_line(voter: Voter, cid: str) -> None:
    """In the log, by the code of the receipt, among the lines of its hour."""
    page = voter.page
    page.goto(f"/receipt/{cid}/")
    code, line, vote = page.locator(".slip-code").inner_text(), voter.line(), voter.vote()
    main = page.get_by_role("navigation", name="Main")
    main.get_by_role("link", name="Public log").click()
    page.get_by_role("textbox", name="Short code").fill(code)
    page.get_by_role("button", name="Find the line").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This line is in the log")
    assert page.locator("main .log-line").inner_text() == line
    page.get_by_role("link", name="See it among the lines of its cause").click()
    page.wait_for_url(f"**/log/causes/{cid}/**")
    hour = page.locator("section", has=page.locator("h3 time")).filter(has_text=line)
    shown = hour.last.locator("h3 time").get_attribute("datetime") or ""
    assert datetime.fromisoformat(shown) == parse_hour(vote.hour)


def recount(voter: Voter, server: Server, cid: str) -> None:
    """The count on the page is the count of the log, choice by choice."""
    audit = stimme("audit", server.url, "--json")
    assert audit.returncode == 0, audit.stderr
    cause = next(one for one in json.loads(audit.stdout)["causes"] if one["cid"] == cid)
    voter.page.goto(f"/receipt/{cid}/")
    numbers = voter.page.locator(".tally-numbers dd:nth-of-type(1)").all_inner_texts()
    assert [int(number) for number in numbers] == [cause["votes_for"], cause["votes_against"]]
