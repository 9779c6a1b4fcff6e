"""The pages of the public log: what is in it, in words and as it is written."""

import re
from html import unescape

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from stimme.apps.accounts.models import User
from stimme.apps.ballot import publisher
from stimme.apps.ballot.entries import entries_of_box, entry_of_code
from stimme.apps.ballot.log_keys import public_keys
from stimme.apps.ballot.models import Entry, PendingLine
from stimme.apps.ballot.sealer import seal
from stimme.apps.causes.models import Cause, CauseVersion
from stimme.apps.organisations.models import Organisation
from stimme.engines.translog import Checkpoint, short_code, split_note
from stimme.web import log_lines
from tests.house import start_cause, version_of, vote

pytestmark = pytest.mark.django_db


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address, headers={"accept-language": "en"})
    assert response.status_code == status
    without_tags = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(unescape(without_tags).split())


def page_of(cause: Cause | CauseVersion) -> str:
    version = cause if isinstance(cause, CauseVersion) else version_of(cause)
    return f"/log/causes/{version.cid}/"


def shown_lines(client: Client, address: str) -> list[str]:
    content = client.get(address).content.decode()
    return [unescape(line) for line in re.findall(r'class="log-line">\s*(.*?)\s*</p>', content)]


def sealed_texts(cause: Cause) -> list[str]:
    return sorted(line.text for line in entries_of_box(version_of(cause).cid))


def test_before_the_first_sealing_the_log_says_that_it_is_empty(client: Client) -> None:
    text = text_of(client, "/log/")
    assert "Nothing has been published yet." in text
    assert "No cause has been sealed yet" in text


def test_the_log_shows_its_newest_checkpoint_and_its_keys(client: Client, cause: Cause) -> None:
    seal(everything=True)
    text = text_of(client, "/log/")
    note = publisher.published_checkpoint() or ""
    checkpoint = Checkpoint.parse(split_note(note)[0])
    assert f"Lines {checkpoint.size} Published" in text
    assert checkpoint.encode().split("\n")[2] in text
    assert [key in text for key in public_keys().split()] == [True, True]
    assert f"stimme audit {settings.STIMME.url}" in text
    assert cause.current is not None
    assert cause.current.ask in text


def test_a_cause_is_listed_once_it_is_sealed(client: Client, cause: Cause) -> None:
    seal(everything=True)
    later = start_cause(User.objects.get(), cause.organisation, "Open on Sundays")
    assert "Open on Sundays" not in text_of(client, "/log/")
    seal(everything=True)
    assert "Open on Sundays" in text_of(client, "/log/")
    assert page_of(later) in client.get("/log/").content.decode()


def test_a_hidden_cause_is_not_listed_and_its_lines_stay(client: Client, cause: Cause) -> None:
    vote(User.objects.get(), cause, "for")
    seal(everything=True)
    Cause.objects.update(hidden=True)
    assert "Bring back Product X" not in text_of(client, "/log/")
    text = text_of(client, page_of(cause))
    assert "Bring back Product X" not in text
    assert "The text of this cause is hidden" in text
    assert sorted(shown_lines(client, page_of(cause))) == sealed_texts(cause)


def test_the_lines_of_a_cause_are_shown_as_they_are_and_in_words(
    client: Client, cause: Cause, alice: User, charlie: User
) -> None:
    vote(alice, cause, "for")
    vote(charlie, cause, "for")
    vote(charlie, cause, "against")
    seal(everything=True)
    assert sorted(shown_lines(client, page_of(cause))) == sealed_texts(cause)
    text = text_of(client, page_of(cause))
    changed = Entry.objects.get(kind="vote", text__contains=" 1 against ")
    assert (
        f"line {changed.log_index} A vote against e-mail address change 1 "
        f"{short_code(changed.text)} {changed.text}"
    ) in text
    assert "The cause opens" in text


def test_the_tally_is_recounted_from_the_sealed_lines_alone(
    client: Client, cause: Cause, alice: User, bob: User, charlie: User
) -> None:
    vote(alice, cause, "for")
    vote(bob, cause, "against")
    vote(bob, cause, "withdrawn")
    seal(everything=True)
    vote(charlie, cause, "against")
    text = text_of(client, page_of(cause))
    assert "for 1 100.0 % against 0 0.0 %" in text
    assert "Withdrawn and not counted: 1." in text
    seal(everything=True)
    assert "for 1 50.0 % against 1 50.0 %" in text_of(client, page_of(cause))


def test_pending_lines_are_shown_nowhere(client: Client, cause: Cause, charlie: User) -> None:
    seal(everything=True)
    vote(charlie, cause, "for")
    pending = PendingLine.objects.get(kind="vote")
    code = short_code(pending.text)
    assert pending.text not in text_of(client, page_of(cause))
    assert "No line with this code" in text_of(client, f"/log/find/?code={code}")


def test_a_cause_of_which_nothing_is_sealed_says_so(client: Client, cause: Cause) -> None:
    assert "Nothing of this cause is sealed yet" in text_of(client, page_of(cause))


def test_an_unknown_cause_is_not_found(client: Client) -> None:
    text_of(client, "/log/causes/P0zf875xeNbzuPiW4kUPPQ/", status=404)
    text_of(client, "/log/causes/nonsense/", status=404)


def test_lines_of_one_hour_stand_together_however_they_were_shuffled(
    client: Client, cause: Cause, charlie: User
) -> None:
    for choice in ("for", "against", "for", "against"):
        vote(charlie, cause, choice)
    lines = PendingLine.objects.filter(kind="vote").order_by("id")
    for line, hour in zip(lines, ("07", "05", "07", "05"), strict=True):
        line.text = re.sub(r"T\d\dZ", f"T{hour}Z", line.text)
        line.text = re.sub(r"\d{4}-\d\d-\d\d", "2026-02-03", line.text)
        line.save()
    seal(everything=True)
    headings = re.findall(
        r'<time\s+datetime="([^"]+)"', client.get(page_of(cause)).content.decode()
    )
    assert headings[:2] == ["2026-02-03T05:00:00+00:00", "2026-02-03T07:00:00+00:00"]


def test_many_lines_come_in_pages_and_a_line_names_its_page(
    client: Client, cause: Cause, charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stimme.web.log_views.LINES_A_PAGE", 2)
    for choice in ("for", "against", "for", "against"):
        vote(charlie, cause, choice)
    seal(everything=True)
    address = page_of(cause)
    pages = [shown_lines(client, f"{address}?page={number}") for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert sorted(line for page in pages for line in page) == sealed_texts(cause)
    for line in entries_of_box(version_of(cause).cid):
        assert line.text in shown_lines(client, f"{address}?line={line.log_index}")


def test_a_cause_too_large_to_recount_still_shows_its_lines(
    client: Client, cause: Cause, charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_lines, "MOST_RECOUNTED", 1)
    vote(charlie, cause, "for")
    seal(everything=True)
    assert "too many lines to recount" in text_of(client, page_of(cause))
    assert sorted(shown_lines(client, page_of(cause))) == sealed_texts(cause)


def test_a_line_is_found_by_its_short_code_however_it_is_typed(
    client: Client, cause: Cause, charlie: User
) -> None:
    vote(charlie, cause, "for")
    seal(everything=True)
    line = Entry.objects.get(kind="vote")
    code = short_code(line.text)
    for typed in (code, code.upper(), code.replace("-", ""), f" {code.replace('-', '+')} "):
        text = text_of(client, f"/log/find/?code={typed}")
        assert "This line is in the log" in text
        assert line.text in text


def test_every_sealed_line_is_found_by_its_code(cause: Cause, charlie: User) -> None:
    vote(charlie, cause, "for")
    seal(everything=True)
    sealed = list(Entry.objects.order_by("log_index"))
    assert [line.log_index for line in sealed] == [0, 1, 2]
    assert [entry_of_code(short_code(line.text)) for line in sealed] == sealed


@pytest.mark.parametrize(
    "code", ["short", "a" * 25, "1" * 24, "<script>alert(1)</script>", "x" * 5000]
)
def test_what_is_no_code_is_answered_with_a_sentence(client: Client, code: str) -> None:
    response = client.get("/log/find/", {"code": code})
    assert response.status_code == 200
    assert b"<script>alert" not in response.content
    assert b'aria-invalid="true"' in response.content


def test_the_log_asks_the_database_the_same_for_one_cause_and_for_three(
    client: Client,
    alice: User,
    shop: Organisation,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for ask in ("First demand here", "Second demand here", "Third demand here"):
        start_cause(alice, shop, ask)
        seal(everything=True)
        with django_assert_num_queries(2):
            client.get("/log/")


def test_a_cause_asks_the_database_the_same_for_one_line_and_for_three(
    client: Client,
    cause: Cause,
    alice: User,
    charlie: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    address = page_of(cause)
    for voter in (alice, charlie):
        vote(voter, cause, "for")
        seal(everything=True)
        caches["log"].clear()
        with django_assert_num_queries(4):
            client.get(address)
        with django_assert_num_queries(2):  # the recount is kept until the log grows
            client.get(address)
