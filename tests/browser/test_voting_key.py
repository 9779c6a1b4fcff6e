"""The voter's key in the browser: by the format's example, written down, brought and forgotten."""

import json
from base64 import b64encode
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from stimme.engines.translog import vote_key_seed
from tests.browser.conftest import Visits
from tests.browser.sign_in import sign_in_as
from tests.unit.translog.small_log import EXAMPLE, ORIGIN, secret

MODULE = "/static/stimme/js/voter-key.js"
WORDS = "/static/stimme/js/vendor/bip39-english.js"
KEYS = """async (given) => {
    const keys = await import(given.module);
    const { wordlist } = await import(given.words);
    const secret = Uint8Array.from(atob(given.secret), (one) => one.charCodeAt(0));
    %s
}"""
DEVICE = secret("example device secret")
CID = EXAMPLE[1].split()[2]


@pytest.fixture
def module_page(visits: Visits) -> Page:
    return visits.open("/verify/")


def run(page: Page, script: str, **given: str) -> Any:  # noqa: ANN401  whatever JSON can say
    given |= {"module": MODULE, "words": WORDS}
    given.setdefault("secret", b64encode(DEVICE).decode())
    return page.evaluate(KEYS % script, given)


def test_the_seed_of_a_cause_is_that_of_the_format(module_page: Page) -> None:
    seed = run(module_page, "return [...await keys.seedOf(secret, given.cid)];", cid=CID)
    assert bytes(seed) == vote_key_seed(DEVICE, CID)


@pytest.mark.parametrize("line", [EXAMPLE[1], EXAMPLE[3]])
def test_the_key_and_the_signature_are_those_of_the_example(module_page: Page, line: str) -> None:
    script = """
    const [, , cid, seat, seq, choice, level, hour] = given.line.split(" ");
    const key = await keys.voterKey(secret, cid);
    const vote = { cid, seat, seq: Number(seq), choice, level, hour };
    return keys.signVote(vote, key, given.origin);
    """
    assert run(module_page, script, line=line, origin=ORIGIN) == line


def test_a_signature_binds_every_word_of_the_line_and_the_log(module_page: Page) -> None:
    forged = [
        EXAMPLE[1].replace(" for ", " against "),
        EXAMPLE[1].replace(" 0 for 0 ", " 1 for 0 "),
        EXAMPLE[1].replace("T14Z", "T15Z"),
        EXAMPLE[2],
        EXAMPLE[0],
    ]
    script = """
    const lines = JSON.parse(given.lines);
    const found = lines.map((line) => keys.isSigned(line, given.origin));
    return Promise.all([...found, keys.isSigned(lines[0], "elsewhere.example/log")]);
    """
    lines = json.dumps([EXAMPLE[1], *forged])
    found = run(module_page, script, lines=lines, origin=ORIGIN)
    assert found == [True, False, False, False, False, False, False]


# Vectors of BIP-39 for 256 bits.
BIP39 = [
    (bytes(32), " ".join(["abandon"] * 23 + ["art"])),
    (b"\x7f" * 32, " ".join([*(["legal winner thank year wave sausage worth useful"] * 2),
                             "legal winner thank year wave sausage worth title"])),
    (b"\xff" * 32, " ".join(["zoo"] * 23 + ["vote"])),
]  # fmt: skip


@pytest.mark.parametrize("entropy, words", BIP39)
def test_the_words_are_those_of_bip39(module_page: Page, entropy: bytes, words: str) -> None:
    script = """
    const words = (await keys.toWords(secret, wordlist)).join(" ");
    return [words, [...await keys.fromWords(words, wordlist)]];
    """
    found = run(module_page, script, secret=b64encode(entropy).decode())
    assert found == [words, list(entropy)]


@pytest.mark.parametrize(
    "words, code",
    [
        ("zoo vote", "word-count"),
        ("zoom " + "zoo " * 22 + "vote", "no-word"),
        ("zone " + "zoo " * 22 + "vote", "words"),
    ],
)
def test_mistyped_words_are_found(module_page: Page, words: str, code: str) -> None:
    script = "return keys.fromWords(given.text, wordlist).catch((error) => error.code);"
    assert run(module_page, script, text=words) == code


def state(page: Page) -> str:
    notice = page.locator("#state .notice")
    expect(notice).to_be_visible()
    return notice.inner_text().strip()


PUT = """async (account) => {
    const memory = await import("/static/stimme/js/memory.js");
    await memory.addSecret(account, new Uint8Array(32).fill(255));
}"""
ZOO = " ".join(["zoo"] * 23 + ["vote"])


def test_a_key_is_written_down_forgotten_and_brought_back(visits: Visits) -> None:
    page = visits.open()
    sign_in_as(page, "voter")
    page.goto("/account/voting-key/")
    assert state(page) == "This browser has no voting key of yours yet."
    page.evaluate(PUT, page.locator("#voting-key").get_attribute("data-account"))
    page.reload()
    assert state(page) == "This browser has your voting key."
    page.get_by_role("button", name="Show the words").click()
    expect(page.locator("#words ol")).to_have_text(ZOO)
    expect(page.locator("#words svg")).to_be_visible()
    page.get_by_role("button", name="Forget everything").click()
    expect(page.locator("#state")).to_contain_text("is forgotten in this browser")
    page.get_by_label("The 24 words").fill(ZOO.replace("vote", "zoo"))
    page.get_by_role("button", name="Use this key").click()
    expect(page.locator("#state h2")).to_have_text("These words do not belong together")
    page.get_by_label("The 24 words").fill(f"  {ZOO.upper()}\n")
    page.get_by_role("button", name="Use this key").click()
    expect(page.locator("#state")).to_contain_text("Your voting key is in this browser now.")


def test_the_key_never_leaves_the_browser(visits: Visits) -> None:
    page = visits.open()
    sign_in_as(page, "voter")
    page.goto("/account/voting-key/")
    page.evaluate(PUT, page.locator("#voting-key").get_attribute("data-account"))
    page.reload()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    page.get_by_role("button", name="Show the words").click()
    expect(page.locator("#words svg")).to_be_visible()
    assert [one for one in sent if not one.startswith("GET") or "/static/" not in one] == []


def test_without_javascript_the_page_explains(visits: Visits) -> None:
    page = visits.open(javascript=False)
    sign_in_as(page, "voter")
    page.goto("/account/voting-key/")
    assert not page.locator("#voting-key").is_visible()
    assert "in our custody" in page.locator("#state").inner_text()
