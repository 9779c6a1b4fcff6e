"""The page that checks a receipt by itself, against honest logs and lying ones."""

import re
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from stimme.engines.translog import Checkpoint, Signer, Tree, promise_batch, short_code, sign
from tests.browser.conftest import Server, Visits
from tests.browser.own_log import MINE, NOT_SERVED, SIZES, VOTES, House, serve, verdict
from tests.browser.sign_in import sign_in_as
from tests.browser.voter import press
from tests.unit.translog.small_log import (
    ORIGIN,
    SmallLog,
    cid_of,
    custodial,
    flipped,
    many_votes,
)


@pytest.fixture(scope="module")
def house(server: Server) -> House:
    return House(server)


@pytest.fixture
def judge(visits: Visits, house: House) -> Callable[..., tuple[str, str]]:
    """Check a text against these files, or the honest ones: heading and text of the verdict."""
    page = visits.open(tolerate=NOT_SERVED)
    served: dict[str, bytes] = {}
    serve(page, served)
    page.goto("/verify/")

    def check(text: str, files: dict[str, bytes] | None = None) -> tuple[str, str]:
        served.clear()
        served.update(house.log.files if files is None else files)
        page.fill("#id_text", text)
        page.click("#check button")
        return verdict(page)

    return check


LATEST = f"tile/0/002.p/{SIZES[-1] - 512}"
WRONG = "The log is not as it should be"
EVIDENCE = "Keep the file: it is evidence against the operator."
FORGED = "but that key did not sign this text. Somebody changed the text, or forged it."
ROLLED_BACK = "Your proof shows that 280 lines were signed; now the log shows only 100."
FORKED = (
    "The log that your proof belongs to is not the beginning of the log shown now: two histories "
    "were signed."
)
NEITHER = (
    "This is neither a proof nor a promise. A proof begins with c2sp.org/tlog-proof@v1, a promise "
    "with stimme/promise@v1."
)


def test_a_proof_is_found_in_the_log_of_today(visits: Visits, house: House) -> None:
    page = visits.open(tolerate=NOT_SERVED)
    serve(page, house.log.files)
    page.goto("/verify/")
    page.fill("#id_text", house.proof().encode())
    page.click("#check button")
    assert verdict(page)[0] == "Your vote is in the public log"
    name = house.origin
    assert page.locator("#result ol li").all_inner_texts() == [
        f"The file carries a state of the log with 280 lines, signed by {name}.",
        "The hashes in the file lead from your line, number 42, to that state.",
        "The log as it is served now, with 700 lines, is signed as well.",
        "It begins with the 280 lines of your proof: none of them was changed since.",
        "Your line stands in it as number 42, letter for letter.",
    ]
    assert page.locator("#result .log-line").inner_text() == VOTES[MINE]
    rows = [row.strip() for row in page.locator("#result dd").all_inner_texts()]
    assert rows[:2] == ["for", "e-mail address"]
    assert rows[-1] == short_code(VOTES[MINE])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("index", [0, 99])
def test_every_older_proof_still_holds(
    judge: Callable[..., tuple[str, str]], house: House, size: int, index: int
) -> None:
    assert judge(house.proof(size, index).encode())[0] == "Your vote is in the public log"


def test_a_chosen_file_is_checked_at_once(visits: Visits, house: House, tmp_path: Path) -> None:
    file = tmp_path / "vote.tlog-proof"
    file.write_text(house.proof().encode())
    page = visits.open(tolerate=NOT_SERVED)
    serve(page, house.log.files)
    page.goto("/verify/")
    page.set_input_files("#id_file", file)
    assert verdict(page)[0] == "Your vote is in the public log"


def lies(house: House) -> dict[str, tuple[str, dict[str, bytes], tuple[str, str]]]:
    """Name -> (receipt, files of the log, verdict)."""
    files, mine = house.log.files, house.proof()
    proof = mine.encode()

    def changed(path: str, bit: int = 99) -> dict[str, bytes]:
        return files | {path: flipped(files[path], bit)}

    def cut(path: str) -> dict[str, bytes]:
        return files | {path: files[path][:-1]}

    other = house.make([*VOTES[:200], *many_votes(499, cid_of("other"))])
    short = house.make(VOTES[:100])
    elsewhere = SmallLog.of(VOTES)
    forged = Signer.from_seed(house.origin, b"f" * 32)
    text = Checkpoint(house.origin, 700, Tree(house.log.read, 700).root()).encode()
    # The right key's name and id, with another signature.
    good = house.log.checkpoints[-1].removesuffix("\n")
    bad = f"{good[:-20]}{good[-20:-8].swapcase()}{good[-8:]}\n"
    return {
        "flipped bit in a full hash tile": (
            proof,
            changed("tile/0/000"),
            (WRONG, "The hash file tile/0/000 was changed or is damaged."),
        ),
        "flipped bit in the newest hash tile": (
            proof,
            changed(LATEST),
            (WRONG, "The hashes that it serves do not give the signed root over 700 lines."),
        ),
        "truncated hash tile": (
            proof,
            cut(LATEST),
            (WRONG, f"The hash file {LATEST} was changed or is damaged."),
        ),
        "flipped bit in a bundle": (
            proof,
            changed("tile/entries/000", 8 * files["tile/entries/000"].index(mine.extra or b"")),
            (
                WRONG,
                "At line 42 it serves another text than the one it signed, which is yours.",
            ),
        ),
        "truncated bundle": (
            proof,
            cut("tile/entries/000"),
            (WRONG, "The file of lines tile/entries/000 was changed or is damaged."),
        ),
        "missing tile": (
            proof,
            {path: data for path, data in files.items() if path != "tile/0/000"},
            (WRONG, "It does not serve tile/0/000, although its signature covers it."),
        ),
        "rolled back": (
            proof,
            short.files,
            (
                "The log was rolled back",
                f"{ROLLED_BACK} {EVIDENCE}",
            ),
        ),
        "forked": (
            proof,
            other.files,
            (
                "The log was forked",
                f"{FORKED} {EVIDENCE}",
            ),
        ),
        "bad signature of the current checkpoint": (
            proof,
            files | {"checkpoint": bad.encode()},
            (
                "The signature is wrong",
                f"It bears the name {house.origin}, {FORGED}",
            ),
        ),
        "bad signature in the proof": (
            replace(house.proof(700), note=bad).encode(),
            files,
            (
                "The signature is wrong",
                f"It bears the name {house.origin}, {FORGED}",
            ),
        ),
        "signed by another key of the same name": (
            replace(mine, note=sign(text, [forged])).encode(),
            files,
            ("The signature is missing", f"The key {house.origin} did not sign this text."),
        ),
        "proof of another log": (
            elsewhere.proof(MINE).encode(),
            files,
            (
                "This belongs to another log",
                f"It speaks of {ORIGIN}. This page checks {house.origin} only.",
            ),
        ),
        "current checkpoint of another log": (
            proof,
            elsewhere.files,
            (
                "This belongs to another log",
                f"It speaks of {ORIGIN}. This page checks {house.origin} only.",
            ),
        ),
        "line exchanged in the proof": (
            replace(mine, extra=VOTES[MINE + 1].encode()).encode(),
            files,
            (
                "This receipt proves nothing",
                "The hashes in the file do not lead from this line to what was signed.",
            ),
        ),
        "proof without its line": (
            replace(mine, extra=None).encode(),
            files,
            ("We cannot read this", "The file does not contain the line that it is about."),
        ),
        "cut proof": (
            proof[:300],
            files,
            (
                "We cannot read this",
                "The file is incomplete or was changed. Download it once more.",
            ),
        ),
        "something else": (
            "Dear Sir or Madam",
            files,
            (
                "We cannot read this",
                NEITHER,
            ),
        ),
    }


def test_each_lie_is_named_in_its_own_sentence(
    judge: Callable[..., tuple[str, str]], house: House
) -> None:
    found = {name: judge(text, files) for name, (text, files, _) in lies(house).items()}
    assert found == {name: expected for name, (_, _, expected) in lies(house).items()}


UNSEEN = custodial(cid_of("cause"), "a seat that never got in", 0, "for")


def test_a_kept_promise_is_found_whatever_its_place(
    judge: Callable[..., tuple[str, str]], house: House
) -> None:
    found = [judge(house.promise(VOTES[index], -60)) for index in (MINE, 300, 699)]
    assert found == [
        ("The promise was kept", f"The promised vote is line {index} of the public log.")
        for index in (MINE, 300, 699)
    ]


def test_a_promise_may_wait_for_its_deadline(
    judge: Callable[..., tuple[str, str]], house: House
) -> None:
    heading, text = judge(house.promise(UNSEEN, 600))
    assert heading == "The promise holds, and is not due yet"
    assert re.fullmatch(
        r"The line is not in the log so far\. It has to be there by .+\. Check again then\.", text
    )


def test_a_promise_that_was_not_kept_is_evidence(
    judge: Callable[..., tuple[str, str]], house: House
) -> None:
    heading, text = judge(house.promise(UNSEEN, -60))
    assert heading == "The promise was broken"
    assert text.endswith(
        "this line had to be in the public log, and it is not. The file is signed: it is evidence "
        "against the operator. Keep it, and show it to others."
    )


def test_a_promise_with_another_line_proves_nothing(
    judge: Callable[..., tuple[str, str]], house: House
) -> None:
    promise = house.promise(UNSEEN, -60)
    extra = b64encode(UNSEEN.encode()).decode()
    other = b64encode(UNSEEN.replace(" for ", " against ").encode()).decode()
    assert judge(promise.replace(extra, other)) == (
        "This receipt proves nothing",
        "The hashes in the file do not lead from this line to what was signed.",
    )


def test_a_promise_signed_by_another_key_is_no_evidence(
    judge: Callable[..., tuple[str, str]], house: House
) -> None:
    name = f"{house.origin}/receipt"
    forged = Signer.from_seed(name, b"f" * 32)
    text = promise_batch(forged, house.origin, [UNSEEN], int(time.time()) - 60)[0].encode()
    assert judge(text) == ("The signature is missing", f"The key {name} did not sign this text.")


def test_a_promise_is_not_called_broken_when_the_log_hides_a_hash(
    judge: Callable[..., tuple[str, str]], house: House
) -> None:
    files = house.log.files
    hidden = files | {"tile/0/000": flipped(files["tile/0/000"], MINE * 256)}
    assert judge(house.promise(VOTES[MINE], -60), hidden) == (
        WRONG,
        "The hash file tile/0/000 was changed or is damaged.",
    )


def test_a_browser_without_ed25519_is_told_so(visits: Visits, house: House) -> None:
    page = visits.open()
    page.add_init_script(
        "SubtleCrypto.prototype.importKey = () => Promise.reject(new DOMException('unknown'))"
    )
    page.goto("/verify/")
    page.fill("#id_text", house.proof().encode())
    page.click("#check button")
    assert verdict(page)[0] == "This browser cannot check signatures"


def test_without_a_receipt_of_ones_own_the_page_says_what_to_do(visits: Visits) -> None:
    page = visits.open("/verify/?cid=P0zf875xeNbzuPiW4kUPPQ")
    assert verdict(page)[0] == "No receipt of yours here"


def test_without_javascript_the_page_shows_the_other_ways(visits: Visits, house: House) -> None:
    page = visits.open("/verify/", javascript=False)
    assert not page.locator("#check").is_visible()
    assert page.locator("#result .notice").is_visible()
    commands = page.locator("main .log-line").all_inner_texts()
    assert commands[-2:] == [house.log_key.vkey, house.receipt_key.vkey]


def test_one_press_checks_ones_own_vote(visits: Visits) -> None:
    page = visits.open()
    sign_in_as(page, "voter")
    page.goto("/causes/")
    page.locator(".cause h3 a").first.click()
    press(page, "for")
    page.wait_for_url("**/receipt/**")
    page.get_by_role("link", name="Check it yourself").click()
    for _ in range(30):  # the server seals every second
        if verdict(page)[0] == "Your vote is in the public log":
            break
        page.reload()
    assert verdict(page)[0] == "Your vote is in the public log"
    assert page.locator("#result dd").first.inner_text().strip() == "for"
