"""How we count, and the page that checks a receipt, as the server renders them."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from stimme.apps.accounts.models import User
from stimme.apps.ballot.log_keys import public_keys
from stimme.apps.ballot.sealer import seal
from stimme.apps.causes.models import Cause
from stimme.web import pages, verify_sentences
from tests.house import version_of, vote

pytestmark = pytest.mark.django_db
SCRIPTS = Path(pages.__file__).parent / "static" / "stimme" / "js"


def content_of(client: Client, address: str) -> str:
    response = client.get(address, headers={"accept-language": "en"})
    assert response.status_code == 200
    return response.content.decode()


def own_address(content: str) -> list[str]:
    return re.findall(r'data-own="([^"]*)"', content)


def test_how_we_count_says_openly_what_is_not_promised(client: Client) -> None:
    content = content_of(client, "/how-we-count/")
    headings = [
        "We could invent accounts",
        "We could find out how you voted",
        "A receipt can be shown to others",
        "The hour can give something away",
        "Two people could be shown two logs",
    ]
    assert [f"<h3>{heading}</h3>" in content for heading in headings] == [True] * len(headings)
    assert "within 10 minutes" in " ".join(content.split())


def test_the_check_knows_the_log_and_its_keys(client: Client) -> None:
    seal()
    content = content_of(client, "/verify/")
    log_key, receipt_key = public_keys().split()
    assert f'data-origin="{settings.STIMME.origin}"' in content
    assert f'data-log-key="{log_key}"' in content
    assert f'data-receipt-key="{receipt_key}"' in content
    assert own_address(content) == []


def test_before_the_first_sealing_there_is_nothing_to_check_against(client: Client) -> None:
    content = content_of(client, "/verify/")
    assert "Nothing has been published yet." in content
    assert "data-log-key" not in content
    assert client.get("/log/keys").status_code == 404
    assert "Nothing has been published yet." in content_of(client, "/log/")


def test_the_check_begins_with_ones_own_receipt(
    client: Client, cause: Cause, charlie: User
) -> None:
    cid = version_of(cause).cid
    seal()
    vote(charlie, cause, "for")
    client.force_login(charlie)
    assert own_address(content_of(client, f"/verify/?cid={cid}")) == [f"/receipt/{cid}/promise"]
    seal(everything=True)
    assert own_address(content_of(client, f"/verify/?cid={cid}")) == [f"/receipt/{cid}/proof"]


def test_without_a_receipt_of_ones_own_there_is_nothing_to_begin_with(
    client: Client, cause: Cause, alice: User, charlie: User
) -> None:
    cid = version_of(cause).cid
    vote(alice, cause, "for")
    for _ in range(2):  # not signed in, then signed in as somebody who has not voted
        content = content_of(client, f"/verify/?cid={cid}")
        assert own_address(content) == []
        assert "No receipt of yours here" in content
        client.force_login(charlie)


@pytest.mark.parametrize("cid", ["", "../../etc", "a" * 22, '"><script>', "a" * 9000])
def test_a_cid_that_is_none_is_ignored(client: Client, cid: str) -> None:
    content = client.get("/verify/", {"cid": cid}).content.decode()
    assert own_address(content) == []
    assert "<script>" not in content


def test_every_answer_of_the_script_has_its_sentence_in_the_page(client: Client) -> None:
    content = content_of(client, "/verify/")
    said = set(re.findall(r'data-say="([^"]+)"', content))
    tlog, verify = ((SCRIPTS / name).read_text() for name in ("tlog.js", "verify.js"))
    codes = set(re.findall(r'(?:fail|Fault)\("([a-z0-9-]+)"', tlog + verify))
    spoken = set(re.findall(r'(?:step|verdict|say)\("([a-z0-9-]+)"', verify))
    assert codes | spoken <= said
    verdicts = {one.code for one in [*verify_sentences.VERDICTS, *verify_sentences.FAULTS]}
    assert {code for code in codes if code not in verdicts} == set()
